using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Transpose;

internal sealed partial class TransposeOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("transpose.blocked");
}
