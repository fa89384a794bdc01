using HybridConv.Ops.Windows;
using HybridConv.Verification;

namespace HybridConv.Ops.ConvTranspose;

internal sealed partial class ConvTransposeOp
{
    /// <summary>Positions are output pixels, strata filters. Weights and bias must be constants.</summary>
    public override Sampler? Sampler(Witness witness)
    {
        ConvTransposeSpec spec = Specify(witness.Node);
        return spec.HasConstantWeights && witness.Node.OptionalInput(ResidualInput) is null or { IsConstant: false } ? new GatherSampler(spec, witness) : null;
    }

    /// <summary>What is read: channels of each input pixel that reaches the output, then the residual.</summary>
    private sealed class GatherSampler(ConvTransposeSpec spec, Witness witness) : Sampler
    {
        private readonly int depth = spec.InputChannels / spec.Group, groupFilters = spec.OutputChannels / spec.Group;
        private readonly bool inOrder = witness.InOrder;
        private readonly PackedFloats? bias = spec.HasBias ? witness.Constant(2) : null;

        /// <summary>Filters of a group by taps by channels of the group, one group after the other.</summary>
        private readonly PackedFloats filters = witness.Constant(1, spec.Group, spec.InputChannels / spec.Group, spec.OutputChannels / spec.Group * spec.Taps);

        public override long Positions => spec.Output.Shape.Elements / spec.OutputChannels;
        public override int Strata => spec.OutputChannels;
        public override bool HasWeights => true;

        public override PatchSize Size(int strata)
        {
            long channels = (long)depth * Math.Min(spec.Group, (strata + groupFilters - 2) / groupFilters + 1);
            return new PatchSize(spec.Taps + 1, channels * spec.Taps + (spec.Residual is null ? 0 : strata), channels * spec.Taps);
        }

        public override Place Place(long position, int stratum) => new(0, PixelOf(position).In(spec.Output.Strides, stratum));

        public override void Read(in Patch patch, ReadList reads)
        {
            Pixel pixel = PixelOf(patch.Position);
            (int group, int groups) = Groups(patch);
            ReadOnlySpan<ScatterWindow> windows = spec.Windows;
            TapRange slices = windows[0].Reaching(pixel.D), rows = windows[1].Reaching(pixel.H), columns = windows[2].Reaching(pixel.W);
            for (int d = slices.First; d < slices.End; d += slices.Step)
                for (int r = rows.First; r < rows.End; r += rows.Step)
                    for (int s = columns.First; s < columns.End; s += columns.Step)
                    {
                        var source = new Pixel(pixel.N, windows[0].Source(pixel.D, d), windows[1].Source(pixel.H, r), windows[2].Source(pixel.W, s));
                        reads.Add(0, source.In(spec.Input.Strides, group * depth), groups * depth, spec.Input.Strides[ImageView.Channel]);
                    }
            if (spec.Residual is not null)
                reads.Add(3, pixel.In(spec.Residual.Strides, patch.First), patch.Count, spec.Residual.Strides[ImageView.Channel]);
        }

        public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results)
        {
            Pixel pixel = PixelOf(patch.Position);
            (int group, int groups) = Groups(patch);
            int channels = groups * depth, count = read.Length - (spec.Residual is null ? 0 : patch.Count);
            Span<double> seen = work[..count];
            for (int i = 0; i < count; i++)
                seen[i] = read[i];
            for (int i = 0; i < patch.Count; i++)
            {
                int filter = patch.First + i, skipped = (filter / groupFilters - group) * depth;
                var chain = new Chain(bias is { } numbers ? numbers.Span[filter] : 0);
                AddTaps(ref chain, pixel, filter, seen[Math.Min(count, skipped)..], channels);
                results[i] = Roundoff.Finish(spec.Attributes.Activation, chain.Sum, chain.Error(inOrder), spec.Residual is null ? null : read[count + i]);
            }
        }

        private void AddTaps(ref Chain chain, Pixel pixel, int filter, ReadOnlySpan<double> seen, int channels)
        {
            ReadOnlySpan<ScatterWindow> windows = spec.Windows;
            TapRange slices = windows[0].Reaching(pixel.D), rows = windows[1].Reaching(pixel.H), columns = windows[2].Reaching(pixel.W);
            ReadOnlySpan<float> weights = filters.Span.Slice(filter * spec.Taps * depth, spec.Taps * depth);
            int at = 0;
            for (int d = slices.First; d < slices.End; d += slices.Step)
                for (int r = rows.First; r < rows.End; r += rows.Step)
                    for (int s = columns.First; s < columns.End; s += columns.Step, at += channels)
                        chain.Add(seen.Slice(at, depth), weights.Slice(((d * windows[1].Kernel + r) * windows[2].Kernel + s) * depth, depth));
        }

        private (int First, int Count) Groups(in Patch patch)
        {
            int first = patch.First / groupFilters;
            return (first, (patch.First + patch.Count - 1) / groupFilters - first + 1);
        }

        private Pixel PixelOf(long position) => Pixel.At(position, spec.Windows[0].Output, spec.Windows[1].Output, spec.Windows[2].Output);
    }
}
