using HybridConv.Cpu;
using HybridConv.Cpu.Moves;
using HybridConv.Planning;

namespace HybridConv.Ops.Constant;

internal sealed partial class ConstantOfShapeOp : ITable<Movement, CpuInfo>
{
    public IReadOnlyList<Candidate<Movement, CpuInfo>> Rows => field ??= MoveRows.Of("constantofshape.fill");
}
