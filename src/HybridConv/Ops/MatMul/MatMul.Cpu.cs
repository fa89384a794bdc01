using HybridConv.Cpu;
using HybridConv.Ops.Gemm;
using HybridConv.Planning;

namespace HybridConv.Ops.MatMul;

internal sealed partial class MatMulOp : ITable<ProductSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<ProductSpec, CpuInfo>> Rows => field ??= ProductRows.Of("matmul");
}
