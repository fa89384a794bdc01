using HybridConv.Verification;

namespace HybridConv.Ops.Elementwise;

internal partial class UnaryOp<F>
{
    public override Sampler? Sampler(Witness witness)
    {
        F function = ((UnaryAttributes<F>)witness.Node.Attributes).Function;
        return ElementwiseSampler.Of(Specify(witness.Node), witness.Node, operands =>
        {
            double result = function.Apply(operands[0]);
            return new Estimate(result, F.Accuracy.At(operands[0], result));
        });
    }
}

internal partial class BinaryOp<F>
{
    public override Sampler? Sampler(Witness witness) => ElementwiseSampler.Of(Specify(witness.Node), witness.Node, operands =>
    {
        double result = default(F).Apply(operands[0], operands[1]);
        return new Estimate(result, F.Accuracy.At(0, result));
    });
}

internal partial class VariadicOp<F>
{
    public override Sampler? Sampler(Witness witness) => ElementwiseSampler.Of(Specify(witness.Node), witness.Node, operands =>
    {
        double folded = operands[0], magnitude = Math.Abs(folded);
        for (int i = 1; i < operands.Length; i++)
        {
            folded = default(F).Apply(folded, operands[i]);
            magnitude += Math.Abs(operands[i]);
        }
        return new Estimate(folded, F.Accuracy.OfResult == 0 ? 0 : Roundoff.OfSum(Roundoff.Gamma(operands.Length) * magnitude, magnitude));
    });
}

internal sealed partial class ClipOp
{
    /// <summary>Bounds that are operands are not looked at.</summary>
    public override Sampler? Sampler(Witness witness)
    {
        if (witness.Node.Inputs.Count != 1)
            return null;
        Activation clamp = ActivationOf(witness.Node);
        return ElementwiseSampler.Of(Specify(witness.Node), witness.Node, operands => Roundoff.Activate(clamp, operands[0], 0));
    }
}
