using HybridConv.Cpu;
using HybridConv.Cpu.Moves;
using HybridConv.Planning;

namespace HybridConv.Ops.Slice;

internal sealed partial class SliceOp : ITable<Movement, CpuInfo>
{
    public IReadOnlyList<Candidate<Movement, CpuInfo>> Rows => field ??= MoveRows.Of("slice.copy");
}
