using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Verification;

namespace HybridConv.Ops.BatchNormalization;

internal sealed partial class BatchNormalizationOp
{
    /// <summary>The parameters must be constants, and the image is not one.</summary>
    public override Sampler? Sampler(Witness witness)
    {
        Node node = witness.Node;
        BatchNormalizationSpec spec = Specify(node);
        if (!spec.AreConstant || node.Input(0).IsConstant)
            return null;
        float[][] parameters = [.. Enumerable.Range(1, 4).Select(i => node.Input(i).Constant!.ToArray<float>())];
        double[] factors = new double[parameters[0].Length], shifts = new double[factors.Length];
        for (int i = 0; i < factors.Length; i++)
            (factors[i], shifts[i]) = Fold(parameters[0][i], parameters[1][i], parameters[2][i], parameters[3][i], spec.Epsilon);
        return new ElementwiseSampler(spec.Loops, [null, factors, shifts], operands =>
        {
            // Factor and shift are rounded, and then the sum.
            double product = operands[0] * operands[1], sum = product + operands[2], magnitude = Math.Abs(product) + Math.Abs(operands[2]);
            return Roundoff.Activate(spec.Activation, sum, Roundoff.OfSum(Roundoff.Gamma(2) * magnitude, magnitude));
        });
    }
}
