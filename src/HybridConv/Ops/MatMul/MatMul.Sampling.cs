using HybridConv.Ops.Gemm;
using HybridConv.Verification;

namespace HybridConv.Ops.MatMul;

internal sealed partial class MatMulOp
{
    public override Sampler? Sampler(Witness witness) => ProductSampler.Of(Specify(witness.Node), witness);
}
