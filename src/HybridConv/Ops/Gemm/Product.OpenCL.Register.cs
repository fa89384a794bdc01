using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

/// <summary>GPUs without fast local memory: tiles in registers.</summary>
internal sealed partial class ProductClRows
{
    private IReadOnlyList<Candidate<ProductSpec, ClDevice>> RegisterRows => [];
}
