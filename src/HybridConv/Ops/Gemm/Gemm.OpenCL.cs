using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

internal sealed partial class GemmOp : ITable<ProductSpec, ClDevice>
{
    IReadOnlyList<Candidate<ProductSpec, ClDevice>> ITable<ProductSpec, ClDevice>.Rows => field ??= new ProductClRows("gemm").All;
}
