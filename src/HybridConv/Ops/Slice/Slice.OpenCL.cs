using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Slice;

internal sealed partial class SliceOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows { get; } = MoveClRows.Of("slice.copy");
}
