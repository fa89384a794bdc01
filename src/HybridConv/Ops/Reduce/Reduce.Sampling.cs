using HybridConv.Ops.Elementwise;
using HybridConv.Verification;

namespace HybridConv.Ops.Reduce;

internal sealed partial class ReduceOp<R>
{
    public override Sampler? Sampler(Witness witness) => new RunSampler(Specify(witness.Node), run =>
    {
        if (R.Adds)
        {
            Estimate sum = SumRounding.SumOf(run, witness.InOrder);
            double result = R.Finish(sum.Value, run.Length);
            // A mean's error is a part of the sum's.
            return new Estimate(result, R.Finish(sum.Error, run.Length) + Accuracy.Simple.At(0, result));
        }
        float largest = float.NegativeInfinity;
        foreach (float x in run)
            largest = MathF.Max(largest, x);
        return Estimate.Exactly(R.Finish((double)largest, run.Length));
    });

    /// <summary>Every result is a position. What is read: its elements.</summary>
    private sealed class RunSampler(ReduceSpec spec, RunFunction function) : Sampler
    {
        public override long Positions => spec.Results.Shape.Elements;

        public override PatchSize Size(int strata) => new(spec.Count / Math.Max(1, spec.Elements.Inner), spec.Count);

        public override Place Place(long position, int stratum) => new(0, Offset(spec.Results, 0, position));

        public override void Read(in Patch patch, ReadList reads)
        {
            long first = Offset(spec.Results, 1, patch.Position), inner = spec.Elements.Inner;
            for (long element = 0; element < spec.Count; element += inner)
                reads.Add(0, first + Offset(spec.Elements, 0, element), (int)inner, spec.Elements.InnerStride(0));
        }

        public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results) => results[0] = function(read);

        private static long Offset(LoopNest loops, int operand, long index)
        {
            long offset = 0;
            for (int axis = loops.Shape.Rank - 1; axis >= 0; axis--)
            {
                (index, long at) = Math.DivRem(index, loops.Shape[axis]);
                offset += at * loops.Strides[operand][axis];
            }
            return offset;
        }
    }
}
