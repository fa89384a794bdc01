using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Reshape;

internal sealed partial class UnsqueezeOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("unsqueeze.copy");
}
