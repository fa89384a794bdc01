using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Slice;

internal sealed partial class SliceOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("slice.copy");
}
