using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Reshape;

internal sealed partial class ReshapeOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("reshape.copy");
}
