using HybridConv.Cpu;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using HybridConv.Planning;
using Xunit;

namespace HybridConv.Tests.Ops.Conv;

public class DepthwiseTests
{
    private static OpFixture Depthwise(int channels, int multiplier, long[] image, long[] kernel, long[] strides, long[] dilations, long[] pads, Activation activation = default, bool bias = true, bool residual = false)
    {
        int filters = channels * multiplier;
        var attributes = new ConvAttributes(kernel, strides, dilations, pads, channels, AutoPad.NotSet, ChannelsLast: true, activation);
        long[] shape = [2, .. image, channels];
        float[] x = OpFixture.Random(shape.Aggregate((a, b) => a * b)), w = OpFixture.Random(filters * kernel.Aggregate((a, b) => a * b), 2);
        OpFixture fixture = new OpFixture(new ConvOp(), attributes).Input(x, shape).Constant(w, [filters, 1, .. kernel]);
        if (bias)
            fixture.Constant(OpFixture.Random(filters, 3), filters);
        else if (residual)
            fixture.Absent();
        if (!residual)
            return fixture;
        long[] result = [2, .. new long[image.Length], filters];
        for (int i = 0; i < image.Length; i++)
            result[i + 1] = (image[i] + pads[i] + pads[i + image.Length] - ((kernel[i] - 1) * dilations[i] + 1)) / strides[i] + 1;
        return fixture.Input(OpFixture.Random(result.Aggregate((a, b) => a * b), 4), result);
    }

    [Theory]
    [InlineData(3, 1, 1, 1)]
    [InlineData(3, 2, 1, 1)]
    [InlineData(3, 1, 2, 2)]
    [InlineData(3, 1, 1, 0)]
    [InlineData(5, 1, 1, 2)]
    [InlineData(5, 2, 1, 4)]
    [InlineData(2, 3, 3, 5)]
    [InlineData(1, 1, 1, 0)]
    public void EveryRowGivesTheReferencesBits(int kernel, int stride, int dilation, int pad)
    {
        foreach (int channels in (int[])[1, 18, 48])
            Depthwise(channels, 1, [9, 14], [kernel, kernel], [stride, stride], [dilation, dilation], [pad, pad, pad, pad], Activation.Relu, residual: channels == 18).RowsMustEqualReference();
    }

    [Fact]
    public void LinesVolumesAndFlatImages()
    {
        Depthwise(20, 1, [37], [3], [1], [1], [1, 1]).RowsMustEqualReference();
        Depthwise(20, 1, [4, 5, 6], [3, 2, 3], [1, 2, 1], [1, 1, 2], [1, 0, 2, 1, 1, 2], bias: false).RowsMustEqualReference();
        Depthwise(16, 1, [1, 300], [3, 3], [1, 1], [1, 1], [1, 1, 1, 1]).RowsMustEqualReference();
    }

    [Fact]
    public void SeveralFiltersPerChannel()
    {
        Depthwise(7, 3, [6, 11], [3, 3], [1, 1], [1, 1], [1, 1, 1, 1], Activation.Clamp(-0.5f, 0.5f), residual: true).RowsMustEqualReference();
        Depthwise(16, 2, [5, 6], [2, 3], [2, 1], [1, 2], [1, 2, 0, 1]).RowsMustEqualReference();
    }

    [Theory]
    [InlineData((int)ActivationKind.LeakyRelu)]
    [InlineData((int)ActivationKind.Swish)]
    [InlineData((int)ActivationKind.HardSwish)]
    [InlineData((int)ActivationKind.Mish)]
    [InlineData((int)ActivationKind.Gelu)]
    public void EveryActivationIsApplied(int kind) =>
        Depthwise(18, 1, [6, 9], [3, 3], [1, 1], [1, 1], [1, 1, 1, 1], new Activation((ActivationKind)kind, 0.25f), bias: false, residual: true).RowsMustEqualReference();

    [Fact]
    public void WeightsAreOnePackageForAllImageSizes()
    {
        PackFormat? Format(long size) => Depthwise(20, 1, [size, size], [3, 3], [1, 1], [1, 1], [1, 1, 1, 1])
            .Rows(new CpuInfo(CpuInfo.Widest, 1)).First(row => row.Name.StartsWith("conv.depthwise", StringComparison.Ordinal)).Pack;
        Assert.NotNull(Format(5));
        Assert.Equal(Format(5), Format(9));
    }
}
