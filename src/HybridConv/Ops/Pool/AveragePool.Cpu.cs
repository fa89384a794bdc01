using HybridConv.Cpu;
using HybridConv.Planning;

namespace HybridConv.Ops.Pool;

internal sealed partial class AveragePoolOp : ITable<PoolSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<PoolSpec, CpuInfo>> Rows => field ??= PoolRows<AverageFold>.Of("averagepool");
}
