using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Concat;

internal sealed partial class ConcatOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("concat.copy");
}
