using HybridConv.Graphs;
using HybridConv.Ops.Windows;
using HybridConv.Verification;

namespace HybridConv.Ops.Conv;

internal sealed partial class ConvOp
{
    /// <summary>Positions are output pixels, strata filters. Weights and bias must be constants.</summary>
    public override Sampler? Sampler(Witness witness)
    {
        ConvSpec spec = Specify(witness.Node);
        bool readsScaling = spec.Scaling is null || witness.Node.Inputs.Skip(Scale).All(input => input is null or { IsConstant: false });
        if (!spec.HasConstantWeights || !readsScaling || witness.Node.OptionalInput(Residual) is { IsConstant: true })
            return null;
        return witness.WinogradTile switch
        {
            0 => new DirectSampler(spec, witness),
            2 or 4 => new WinogradSampler(spec, witness),
            _ => null,
        };
    }

    /// <summary>What samplers of convolutions share: pixels, filters, and what happens to a sum of products.</summary>
    private abstract class FilterSampler : Sampler
    {
        private readonly PackedFloats? bias;

        protected FilterSampler(ConvSpec spec, Witness witness)
        {
            Spec = spec;
            (Depth, Height, Width) = (spec.Windows[0], spec.Windows[1], spec.Windows[2]);
            Taps = Depth.Kernel * Height.Kernel * Width.Kernel;
            Filters = witness.Constant(ConvOp.Weights, spec.Filters, spec.GroupChannels, Taps);
            bias = spec.HasBias ? witness.Constant(Bias) : null;
        }

        protected ConvSpec Spec { get; }
        protected Window Depth { get; }
        protected Window Height { get; }
        protected Window Width { get; }
        protected int Taps { get; }

        /// <summary>Filters by taps by channels of a group: the order in which products are added.</summary>
        protected PackedFloats Filters { get; }

        public override long Positions => Spec.Pixels;
        public override int Strata => Spec.Filters;
        public override bool HasWeights => true;

        public override Place Place(long position, int stratum)
        {
            int output = 0, channel = stratum;
            while (channel >= Spec.Outputs[output].Shape[ImageView.Channel])
                channel -= Spec.Outputs[output++].Shape.Dim(ImageView.Channel);
            return new Place(output, PixelOf(position).In(Spec.Outputs[output].Strides, channel));
        }

        /// <summary>The groups of a patch's filters.</summary>
        protected (int First, int Count) Groups(in Patch patch)
        {
            int first = patch.First / Spec.GroupFilters;
            return (first, (patch.First + patch.Count - 1) / Spec.GroupFilters - first + 1);
        }

        /// <summary>The most input channels that so many neighbouring filters see.</summary>
        protected long MostChannels(int strata) => (long)Spec.GroupChannels * Math.Min(Spec.Groups, (strata + Spec.GroupFilters - 2) / Spec.GroupFilters + 1);

        protected Pixel PixelOf(long position) => Pixel.At(position, Depth.Output, Height.Output, Width.Output);

        protected float BiasOf(int filter) => bias is { } numbers ? numbers.Span[filter] : 0;

        /// <summary>Lists the residual of a patch.</summary>
        protected void ReadResidual(in Patch patch, ReadList reads)
        {
            if (Spec.Residual is not null)
                reads.Add(Residual, PixelOf(patch.Position).In(Spec.Residual.Strides, patch.First), patch.Count, Spec.Residual.Strides[ImageView.Channel]);
        }
    }

    /// <summary>Kernels that add one product after the other. What is read: channels of each tap inside the image, then the residual, then scales and shifts of the channels.</summary>
    private sealed class DirectSampler(ConvSpec spec, Witness witness) : FilterSampler(spec, witness)
    {
        private readonly bool inOrder = witness.InOrder;

        public override PatchSize Size(int strata)
        {
            long channels = MostChannels(strata), scaling = Spec.Scaling is null ? 0 : Spec.Scaling.Shift is null ? 1 : 2;
            return new PatchSize(Taps + 1 + scaling, channels * (Taps + scaling) + (Spec.Residual is null ? 0 : strata), channels * Taps * (scaling > 0 ? 2 : 1));
        }

        public override void Read(in Patch patch, ReadList reads)
        {
            Pixel pixel = PixelOf(patch.Position);
            (int group, int groups) = Groups(patch);
            int first = group * Spec.GroupChannels, channels = groups * Spec.GroupChannels;
            long[] strides = Spec.Input.Strides;
            for (int d = Depth.FirstTap(pixel.D); d < Depth.EndTap(pixel.D); d++)
                for (int h = Height.FirstTap(pixel.H); h < Height.EndTap(pixel.H); h++)
                    for (int w = Width.FirstTap(pixel.W); w < Width.EndTap(pixel.W); w++)
                        reads.Add(Image, Seen(pixel, d, h, w).In(strides, first), channels, strides[ImageView.Channel]);
            ReadResidual(patch, reads);
            if (Spec.Scaling is not { } scaling)
                return;
            // A line of pixels may hold several images; its convolution is pointwise.
            int image = pixel.N + (Spec.IsPointwise ? Width.Start(pixel.W) / Spec.ImagePixels : 0);
            ReadNumbers(reads, Scale, scaling.Scale, image, first, channels);
            if (scaling.Shift is not null)
                ReadNumbers(reads, Shift, scaling.Shift, image, first, channels);
        }

        public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results)
        {
            Pixel pixel = PixelOf(patch.Position);
            (int group, int groups) = Groups(patch);
            int channels = groups * Spec.GroupChannels;
            int taps = Math.Max(0, Depth.EndTap(pixel.D) - Depth.FirstTap(pixel.D)) * Math.Max(0, Height.EndTap(pixel.H) - Height.FirstTap(pixel.H))
                * Math.Max(0, Width.EndTap(pixel.W) - Width.FirstTap(pixel.W));
            Span<double> seen = work[..(taps * channels)], errors = Spec.Scaling is null ? default : work.Slice(seen.Length, seen.Length);
            ReadOnlySpan<float> residual = read[seen.Length..];
            for (int i = 0; i < seen.Length; i++)
                seen[i] = read[i];
            if (Spec.Scaling is { } scaling)
                ApplyScaling(scaling, seen, errors, residual[(Spec.Residual is null ? 0 : patch.Count)..], channels);
            for (int i = 0; i < patch.Count; i++)
            {
                int filter = patch.First + i, skipped = (filter / Spec.GroupFilters - group) * Spec.GroupChannels;
                (Chain chain, double inherited) = Sum(pixel, filter, seen[Math.Min(seen.Length, skipped)..], errors.IsEmpty ? default : errors[skipped..], channels);
                results[i] = Roundoff.Finish(Spec.Activation, chain.Sum, chain.Error(inOrder) + inherited, Spec.Residual is null ? null : residual[i]);
            }
        }

        /// <summary>The chain of one filter, and what errors of the numbers it sees make of it.</summary>
        private (Chain Chain, double Inherited) Sum(Pixel pixel, int filter, ReadOnlySpan<double> seen, ReadOnlySpan<double> errors, int channels)
        {
            var chain = new Chain(BiasOf(filter));
            double inherited = 0;
            ReadOnlySpan<float> weights = Filters.Span.Slice(filter * Taps * Spec.GroupChannels, Taps * Spec.GroupChannels);
            int at = 0;
            for (int d = Depth.FirstTap(pixel.D); d < Depth.EndTap(pixel.D); d++)
                for (int h = Height.FirstTap(pixel.H); h < Height.EndTap(pixel.H); h++)
                    for (int w = Width.FirstTap(pixel.W); w < Width.EndTap(pixel.W); w++, at += channels)
                    {
                        ReadOnlySpan<float> tap = weights.Slice(((d * Height.Kernel + h) * Width.Kernel + w) * Spec.GroupChannels, Spec.GroupChannels);
                        chain.Add(seen.Slice(at, tap.Length), tap);
                        for (int c = 0; c < tap.Length && !errors.IsEmpty; c++)
                            inherited += Math.Abs(tap[c]) * errors[at + c];
                    }
            return (chain, inherited);
        }

        /// <summary>Replaces what is seen of the image by what the convolution sees of it.</summary>
        private static void ApplyScaling(InputScaling scaling, Span<double> seen, Span<double> errors, ReadOnlySpan<float> numbers, int channels)
        {
            for (int i = 0; i < seen.Length; i++)
            {
                int channel = i % channels;
                double scaled = seen[i] * numbers[channel] + (scaling.Shift is null ? 0 : numbers[channels + channel]);
                (seen[i], errors[i]) = Roundoff.Activate(scaling.Activation, scaled, Roundoff.Unit * Math.Abs(scaled));
            }
        }

        private static void ReadNumbers(ReadList reads, int input, TensorView numbers, int image, int first, int channels) =>
            reads.Add(input, image * InputScaling.ImageStride(numbers) + first * numbers.Strides[ImageView.Channel], channels, numbers.Strides[ImageView.Channel]);

        /// <summary>The input position that a tap of an output position sees.</summary>
        private Pixel Seen(Pixel pixel, int d, int h, int w) => new(
            pixel.N, Depth.Start(pixel.D) + d * Depth.Dilation, Height.Start(pixel.H) + h * Height.Dilation, Width.Start(pixel.W) + w * Width.Dilation);
    }
}
