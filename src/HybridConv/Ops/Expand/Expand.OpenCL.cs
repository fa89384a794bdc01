using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Expand;

internal sealed partial class ExpandOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("expand.copy");
}
