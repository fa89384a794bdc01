using HybridConv.Cpu;
using HybridConv.Cpu.Moves;
using HybridConv.Planning;

namespace HybridConv.Ops.Concat;

internal sealed partial class ConcatOp : ITable<Movement, CpuInfo>
{
    public IReadOnlyList<Candidate<Movement, CpuInfo>> Rows => field ??= MoveRows.Of("concat.copy");
}
