using HybridConv.Ops.Reduce;
using HybridConv.Verification;

namespace HybridConv.Ops.Softmax;

internal sealed partial class SoftmaxOp<F>
{
    public override Sampler? Sampler(Witness witness) => new RunSampler(Specify(witness.Node), witness.InOrder);

    /// <summary>Positions are runs, strata the elements of a run. What is read: the run.</summary>
    private sealed class RunSampler(SoftmaxSpec spec, bool byTree) : Sampler
    {
        public override long Positions => spec.Outer * spec.Inner;
        public override int Strata => (int)spec.Length;

        public override PatchSize Size(int strata) => new(1, spec.Length);

        public override Place Place(long position, int stratum) => new(0, First(position) + stratum * spec.Inner);

        public override void Read(in Patch patch, ReadList reads) => reads.Add(0, First(patch.Position), (int)spec.Length, spec.Inner);

        /// <summary>
        /// The exponent x - m is rounded, which its exponential feels in proportion to |x - m|; the sum weighs these errors by the exponentials themselves.
        /// </summary>
        public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results)
        {
            double largest = double.NegativeInfinity, sum = 0, error = 0;
            foreach (float x in read)
                largest = Math.Max(largest, x);
            foreach (float x in read)
            {
                double exponential = Math.Exp(x - largest);
                sum += exponential;
                error += exponential * (ExponentError(x - largest) + Roundoff.Gamma(SumRounding.Depth(read.Length, byTree))) + Roundoff.Tiny;
            }
            double relative = error / sum;
            for (int i = 0; i < patch.Count; i++)
            {
                double x = read[patch.First + i] - largest;
                results[i] = F.IsLogarithm ? Logarithm(x, Math.Log(sum), relative) : Probability(x, sum, relative);
            }
        }

        private static Estimate Probability(double x, double sum, double relative)
        {
            double result = Math.Exp(x) / sum;
            return new Estimate(result, result * (relative + ExponentError(x)) + Accuracy.Simple.At(0, result) + Roundoff.Tiny);
        }

        private static Estimate Logarithm(double x, double log, double relative) =>
            new(x - log, relative + Roundoff.Unit * (2 * Math.Abs(x) + Math.Abs(log)) + Accuracy.Simple.At(0, log));

        /// <summary>The relative error of the exponential of a rounded difference.</summary>
        private static double ExponentError(double x) => Roundoff.Unit * Math.Abs(x) + Accuracy.Polynomial.At(0, 1);

        private long First(long position) => position / spec.Inner * spec.Length * spec.Inner + position % spec.Inner;
    }
}
