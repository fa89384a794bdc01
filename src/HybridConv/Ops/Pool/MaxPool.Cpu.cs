using HybridConv.Cpu;
using HybridConv.Planning;

namespace HybridConv.Ops.Pool;

internal sealed partial class MaxPoolOp : ITable<PoolSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<PoolSpec, CpuInfo>> Rows => field ??= PoolRows<MaxFold>.Of("maxpool");
}
