using HybridConv.Ops.Reduce;
using HybridConv.Ops.Windows;
using HybridConv.Verification;

namespace HybridConv.Ops.Pool;

internal sealed partial class GlobalAveragePoolOp
{
    public override Sampler? Sampler(Witness witness) => new PlaneSampler(Specify(witness.Node), plane => SumRounding.MeanOf(plane, witness.InOrder));
}

internal sealed partial class GlobalMaxPoolOp
{
    public override Sampler? Sampler(Witness witness) => new PlaneSampler(Specify(witness.Node), plane =>
    {
        float max = float.NegativeInfinity;
        foreach (float x in plane)
            max = MathF.Max(max, x);
        return Estimate.Exactly(max);
    });
}

/// <summary>Checks global pools: positions are images, strata channels. What is read: the pixels of each channel, one channel after the other.</summary>
internal sealed class PlaneSampler(GlobalPoolSpec spec, RunFunction function) : Sampler
{
    public override long Positions => spec.Output.Shape[ImageView.Batch];
    public override int Strata => (int)spec.Channels;

    public override PatchSize Size(int strata) => new(strata * (spec.Plane[0] * spec.Plane[1]), strata * spec.Pixels);

    public override Place Place(long position, int stratum) => new(0, new Pixel((int)position, 0, 0, 0).In(spec.Output.Strides, stratum));

    public override void Read(in Patch patch, ReadList reads)
    {
        ReadOnlySpan<long> strides = spec.Input.Strides;
        for (int channel = patch.First; channel < patch.First + patch.Count; channel++)
            for (int d = 0; d < spec.Plane[0]; d++)
                for (int h = 0; h < spec.Plane[1]; h++)
                    reads.Add(0, new Pixel((int)patch.Position, d, h, 0).In(strides, channel), spec.Plane.Dim(2), strides[ImageView.Width]);
    }

    public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results)
    {
        int pixels = read.Length / patch.Count;
        for (int i = 0; i < patch.Count; i++)
            results[i] = function(read.Slice(i * pixels, pixels));
    }
}
