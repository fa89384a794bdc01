using HybridConv.Verification;

namespace HybridConv.Ops.Gemm;

internal sealed partial class GemmOp
{
    public override Sampler? Sampler(Witness witness) => ProductSampler.Of(Specify(witness.Node), witness);
}
