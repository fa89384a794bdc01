using HybridConv.Cpu;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

internal sealed partial class GemmOp : ITable<ProductSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<ProductSpec, CpuInfo>> Rows => field ??= ProductRows.Of("gemm");
}
