using HybridConv.Cl;
using HybridConv.Ops.Gemm;
using HybridConv.Planning;

namespace HybridConv.Ops.MatMul;

internal sealed partial class MatMulOp : ITable<ProductSpec, ClDevice>
{
    IReadOnlyList<Candidate<ProductSpec, ClDevice>> ITable<ProductSpec, ClDevice>.Rows => field ??= new ProductClRows("matmul").All;
}
