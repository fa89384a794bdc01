using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

/// <summary>The rows that Gemm and MatMul share on OpenCL devices.</summary>
/// <param name="op">What their names begin with.</param>
internal sealed partial class ProductClRows(string op)
{
    public IReadOnlyList<Candidate<ProductSpec, ClDevice>> All =>
    [
        .. LocalRows,
        .. RegisterRows,
        .. CpuRows,
        ReferenceRow,
    ];
}
