using HybridConv.Ops.Windows;
using HybridConv.Verification;

namespace HybridConv.Ops.Pool;

internal sealed partial class AveragePoolOp
{
    public override Sampler? Sampler(Witness witness) => new AverageSampler(Specify(witness.Node));

    private sealed class AverageSampler(PoolSpec spec) : WindowSampler(spec)
    {
        protected override Estimate Fold(ReadOnlySpan<float> taps, int stride, long divisor)
        {
            double sum = 0, magnitude = 0, partial = 0;
            for (int i = 0; i < taps.Length; i += stride)
            {
                sum += taps[i];
                magnitude += Math.Abs(taps[i]);
                partial += Math.Abs(sum);
            }
            if (divisor == 0)
                return Estimate.Exactly(0);
            double value = sum / divisor;
            return new Estimate(value, Roundoff.OfSum(1.01 * Roundoff.Unit * partial / divisor + Accuracy.Simple.At(0, value), magnitude));
        }
    }
}

internal sealed partial class MaxPoolOp
{
    public override Sampler? Sampler(Witness witness) => Specify(witness.Node) is { Attributes.Indices: false } spec ? new MaxSampler(spec) : null;

    private sealed class MaxSampler(PoolSpec spec) : WindowSampler(spec)
    {
        protected override Estimate Fold(ReadOnlySpan<float> taps, int stride, long divisor)
        {
            float max = float.NegativeInfinity;
            for (int i = 0; i < taps.Length; i += stride)
                max = MathF.Max(max, taps[i]);
            return Estimate.Exactly(max);
        }
    }
}

/// <summary>Checks pools: positions are output pixels, strata channels. What is read: the channels of each tap inside the image.</summary>
internal abstract class WindowSampler(PoolSpec spec) : Sampler
{
    public override long Positions => spec.Output.Shape.Elements / Math.Max(1, spec.Channels);
    public override int Strata => (int)spec.Channels;

    /// <summary>The result from the taps of one channel, every <paramref name="stride"/>-th element of those that were read.</summary>
    protected abstract Estimate Fold(ReadOnlySpan<float> taps, int stride, long divisor);

    public override PatchSize Size(int strata)
    {
        long taps = 1;
        foreach (Window window in spec.Windows)
            taps *= window.Kernel;
        return new PatchSize(taps, taps * strata);
    }

    public override Place Place(long position, int stratum) => new(0, PixelAt(position).In(spec.Output.Strides, stratum));

    public override void Read(in Patch patch, ReadList reads)
    {
        Pixel pixel = PixelAt(patch.Position);
        ReadOnlySpan<long> strides = spec.Input.Strides;
        long image = new Pixel(pixel.N, 0, 0, 0).In(strides, patch.First);
        for (Taps tap = spec.Taps(pixel.D, pixel.H, pixel.W); tap.Next();)
            reads.Add(0, image + tap.Offset, patch.Count, strides[ImageView.Channel]);
    }

    public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results)
    {
        Pixel pixel = PixelAt(patch.Position);
        for (int i = 0; i < patch.Count; i++)
            results[i] = Fold(read[Math.Min(i, read.Length)..], patch.Count, spec.Divisor(pixel.D, pixel.H, pixel.W));
    }

    private Pixel PixelAt(long position) => Pixel.At(position, spec.Windows[0].Output, spec.Windows[1].Output, spec.Windows[2].Output);
}
