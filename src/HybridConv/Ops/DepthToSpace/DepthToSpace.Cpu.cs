using HybridConv.Cpu;
using HybridConv.Cpu.Moves;
using HybridConv.Planning;

namespace HybridConv.Ops.DepthToSpace;

internal sealed partial class DepthToSpaceOp : ITable<Movement, CpuInfo>
{
    public IReadOnlyList<Candidate<Movement, CpuInfo>> Rows => field ??= MoveRows.Of("depthtospace.blocked");
}
