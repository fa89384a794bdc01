using System.Diagnostics;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using HybridConv.Ops.ConvTranspose;
using Xunit;

namespace HybridConv.Tests.Ops.ConvTranspose;

public class ConvTransposeTests
{
    private static readonly float[] Nine = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    private static readonly float[] Ones = [.. Enumerable.Repeat(1f, 9)];

    private static OpFixture Read(params NodeAttribute[] attributes) =>
        OpFixture.Read("ConvTranspose", 22, attributes).Input(Nine, 1, 1, 3, 3).Constant(Ones, 1, 1, 3, 3);

    private static NodeAttribute Of(string name, params long[] values) => OpFixture.Attribute(name, values);

    /// <summary>The first channel of ONNX's test_convtranspose.</summary>
    [Fact]
    public void EveryInputIsSpreadOverTheFilter() =>
        Assert.Equal([0, 1, 3, 3, 2, 3, 8, 15, 12, 7, 9, 21, 36, 27, 15, 9, 20, 33, 24, 13, 6, 13, 21, 15, 8], Read().Reference<float>().Get<float>());

    [Theory]
    [InlineData("output_shape", new long[] { 10, 8 }, 10, 8)]
    [InlineData("output_padding", new long[] { 2, 1 }, 11, 8)]
    [InlineData("pads", new long[] { 1, 2, 1, 2 }, 7, 3)]
    [InlineData("dilations", new long[] { 2, 2 }, 11, 9)]
    public void SizesFollowTheAttributes(string name, long[] values, long height, long width) =>
        Assert.Equal(new Shape(1, 1, height, width), Read(Of("strides", 3, 2), Of(name, values)).OutputShape);

    /// <summary>What is cut off to reach a wanted size is cut off evenly; the odd position at the end for SAME_UPPER, else at the beginning.</summary>
    [Theory]
    [InlineData("SAME_UPPER", new float[] { 1, 1, 3, 2, 5, 3 })]
    [InlineData("SAME_LOWER", new float[] { 1, 3, 2, 5, 3, 3 })]
    [InlineData("VALID", new float[] { 1, 1, 3, 2, 5, 3, 3 })]
    [InlineData("NOTSET", new float[] { 1, 1, 3, 2, 5, 3, 3 })]
    public void AutomaticPads(string auto, float[] expected) =>
        Assert.Equal(expected, OpFixture.Read("ConvTranspose", 22, Of("strides", 2), OpFixture.Attribute("auto_pad", auto))
            .Input([1f, 2, 3], 1, 1, 3).Constant([1f, 1, 1], 1, 1, 3).Reference<float>().Get<float>());

    /// <summary>A wanted size beyond the full one adds positions at the end that nothing reaches.</summary>
    [Fact]
    public void AWantedSizeMayBeLarger() =>
        Assert.Equal([8, 8, 9, 9, 7], OpFixture.Read("ConvTranspose", 22, Of("strides", 2), Of("output_shape", 5)).Input([1f, 2], 1, 1, 2)
            .Constant([1f, 1], 1, 1, 2).Constant([7f]).Reference<float>().Get<float>());

    [Theory]
    [InlineData("strides", new long[] { 0, 1 })]
    [InlineData("strides", new long[] { int.MaxValue, int.MaxValue })]
    [InlineData("dilations", new long[] { -1, 1 })]
    [InlineData("pads", new long[] { -1, 0, 0, 0 })]
    [InlineData("pads", new long[] { 3, 0, 2, 0 })]
    [InlineData("pads", new long[] { 1, 1 })]
    [InlineData("output_padding", new long[] { -1, 0 })]
    [InlineData("output_shape", new long[] { 1L << 40, 1 })]
    [InlineData("kernel_shape", new long[] { 2, 2 })]
    public void ImpossibleAttributesAreRefused(string name, long[] values) => Assert.Throws<ShapeException>(() => Read(Of(name, values)).Node);

    [Fact]
    public void GroupsMustDivideTheChannels()
    {
        Assert.Throws<ShapeException>(() => Read(OpFixture.Attribute("group", 2)).Node);
        Assert.Throws<ShapeException>(() => Read(OpFixture.Attribute("group", 0)).Node);
        Assert.Throws<ShapeException>(() => OpFixture.Read("ConvTranspose", 11).Input(Nine, 1, 1, 3, 3).Constant(Ones, 9, 1, 1, 1).Node);
    }

    [Theory]
    [InlineData(1, 2, 2, 0, 1, 20)]
    [InlineData(1, 4, 2, 1, 1, 33)]
    [InlineData(2, 3, 3, 0, 2, 5)]
    [InlineData(3, 3, 1, 1, 1, 40)]
    [InlineData(1, 2, 3, 0, 1, 17)]
    public void EveryRowGivesTheReferencesBits(int groups, int kernel, int stride, int pad, int dilation, int groupFilters)
    {
        int channels = 4 * groups, filters = groups * groupFilters;
        var attributes = new ConvTransposeAttributes(null, [stride, stride], [dilation, dilation], [pad, pad, pad, pad], null, null, groups, AutoPad.NotSet, true, Activation.Relu);
        OpFixture fixture = new OpFixture(new ConvTransposeOp(), attributes).Input(OpFixture.Random(2 * 5 * 7 * channels), 2, 5, 7, channels)
            .Constant(OpFixture.Random(channels * groupFilters * kernel * kernel, 2), channels, groupFilters, kernel, kernel).Constant(OpFixture.Random(filters, 3), filters);
        fixture.RowsMustEqualReference();
    }

    [Fact]
    public void RunsAreTheOutputsThatTheSameFilterPositionsReach()
    {
        PhaseRun[] runs = Phases.Of(new ScatterWindow(Input: 3, Output: 7, Kernel: 3, Stride: 2, Dilation: 1, PadBegin: 0));
        Assert.Equal([(0, 1), (2, 2), (6, 1), (1, 3)], runs.Select(run => (run.First, run.Count)));
        Assert.Equal([new Reach(0, 1), new Reach(2, 0)], runs[1].Reaches);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AFilterMuchLongerThanTheImageCostsItsProductsAndNoMore(int stride)
    {
        const int Taps = 65536;
        OpFixture fixture = OpFixture.Read("ConvTranspose", 22, Of("strides", stride)).Input(new float[] { 1, 2, 3 }, 1, 1, 3).Constant(new float[2 * Taps], 1, 2, Taps);
        var watch = Stopwatch.StartNew();
        fixture.Reference<double>();
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"took {watch.Elapsed}");
    }
}
