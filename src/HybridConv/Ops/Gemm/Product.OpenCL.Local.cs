using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

/// <summary>Discrete GPUs: tiles in local memory.</summary>
internal sealed partial class ProductClRows
{
    private IReadOnlyList<Candidate<ProductSpec, ClDevice>> LocalRows => [];
}
