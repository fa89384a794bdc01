using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Split;

internal sealed partial class SplitOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("split.copy");
}
