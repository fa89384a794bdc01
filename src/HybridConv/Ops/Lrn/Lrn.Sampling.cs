using HybridConv.Verification;

namespace HybridConv.Ops.Lrn;

internal sealed partial class LrnOp
{
    /// <summary>Where the base of the power may cancel, nothing can be said of its error.</summary>
    public override Sampler? Sampler(Witness witness) => Specify(witness.Node) is { Attributes: { Alpha: >= 0, Bias: >= 0 } } spec ? new NeighbourSampler(spec) : null;

    /// <summary>Positions are pixels, strata channels. What is read: the channels in the windows of all of the patch's.</summary>
    private sealed class NeighbourSampler(LrnSpec spec) : Sampler
    {
        public override long Positions => spec.Outer * spec.Inner;
        public override int Strata => spec.Channels;

        public override PatchSize Size(int strata) => new(1, Math.Min(spec.Channels, (long)spec.Before + strata + spec.After));

        public override Place Place(long position, int stratum) => new(0, Offset(position, stratum));

        public override void Read(in Patch patch, ReadList reads)
        {
            int first = FirstSeen(patch.First);
            reads.Add(0, Offset(patch.Position, first), EndSeen(patch.First + patch.Count - 1) - first, spec.Inner);
        }

        public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results)
        {
            (float alpha, float beta) = (spec.Attributes.Alpha, spec.Attributes.Beta);
            int start = FirstSeen(patch.First);
            for (int i = 0; i < patch.Count; i++)
            {
                int channel = patch.First + i;
                double squares = 0;
                for (int k = FirstSeen(channel); k < EndSeen(channel); k++)
                    squares += (double)read[k - start] * read[k - start];
                double value = read[channel - start] / Math.Pow(spec.Attributes.Bias + alpha * (squares / spec.Attributes.Size), beta);
                // Squares are positive, so that the base has a relative error; the power multiplies it.
                double relative = Roundoff.Gamma(spec.Before + spec.After + 5) * Math.Abs(beta);
                results[i] = new Estimate(value, Roundoff.OfSum(relative * Math.Abs(value) + new Accuracy(16).At(0, value) + Roundoff.Tiny, squares));
            }
        }

        private int FirstSeen(int channel) => Math.Max(0, channel - spec.Before);

        private int EndSeen(int channel) => Math.Min(spec.Channels, channel + spec.After + 1);

        private long Offset(long position, int channel) => (position / spec.Inner * spec.Channels + channel) * spec.Inner + position % spec.Inner;
    }
}
