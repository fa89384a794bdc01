using HybridConv.Cpu;
using HybridConv.Cpu.Moves;
using HybridConv.Planning;

namespace HybridConv.Ops.Split;

internal sealed partial class SplitOp : ITable<Movement, CpuInfo>
{
    public IReadOnlyList<Candidate<Movement, CpuInfo>> Rows => field ??= MoveRows.Of("split.copy");
}
