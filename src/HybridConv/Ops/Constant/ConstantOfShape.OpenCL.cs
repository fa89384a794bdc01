using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Constant;

internal sealed partial class ConstantOfShapeOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("constantofshape.fill");
}
