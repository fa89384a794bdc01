using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Pool;
using Xunit;

namespace HybridConv.Tests.Ops.Pool;

public class PoolTests
{
    private static readonly float[] Sixteen = [.. Enumerable.Range(1, 16).Select(i => (float)i)];

    private static OpFixture Max(params NodeAttribute[] attributes) => OpFixture.Read("MaxPool", 22, attributes);

    private static OpFixture Average(params NodeAttribute[] attributes) => OpFixture.Read("AveragePool", 22, attributes);

    private static NodeAttribute Kernel(params long[] sizes) => OpFixture.Attribute("kernel_shape", sizes);

    private static NodeAttribute Of(string name, params long[] values) => OpFixture.Attribute(name, values);

    private static NodeAttribute One(string name, long value = 1) => OpFixture.Attribute(name, value);

    [Fact]
    public void TheMaximumOfEachWindow() =>
        Assert.Equal([6, 8, 14, 16], Max(Kernel(2, 2), Of("strides", 2, 2)).Input(Sixteen, 1, 1, 4, 4).Reference<float>().Get<float>());

    /// <summary>ONNX's test_maxpool_2d_ceil.</summary>
    [Fact]
    public void CeilModeLetsTheLastWindowReachOver() =>
        Assert.Equal([11, 12, 15, 16],
            Max(Kernel(3, 3), Of("strides", 2, 2), One("ceil_mode")).Input(Sixteen, 1, 1, 4, 4).Reference<float>().Get<float>());

    /// <summary>ONNX's test_maxpool_2d_ceil_output_size_reduce_by_one.</summary>
    [Fact]
    public void AWindowThatWouldStartInThePaddingBehindTheImageIsDropped()
    {
        OpFixture pool = Max(Kernel(1, 1), Of("strides", 2, 2), One("ceil_mode")).Input([1f, 2, 3, 4], 1, 1, 2, 2);
        Assert.Equal(new Shape(1, 1, 1, 1), pool.OutputShape);
        Assert.Equal([1], pool.Reference<float>().Get<float>());
    }

    /// <summary>ONNX's test_averagepool_2d_ceil_last_window_starts_on_pad.</summary>
    [Fact]
    public void AnAverageDropsThatWindowToo()
    {
        OpFixture pool = Average(Kernel(3, 3), Of("strides", 3, 3), Of("pads", 1, 1, 1, 1), One("ceil_mode"), One("count_include_pad")).Input([9f, 18, 27, 36], 1, 1, 2, 2);
        Assert.Equal(new Shape(1, 1, 1, 1), pool.OutputShape);
        Assert.Equal([10], pool.Reference<float>().Get<float>());
    }

    [Fact]
    public void WhatCeilModeAddsIsNotCounted()
    {
        OpFixture pool = Average(Kernel(2), Of("strides", 2), One("ceil_mode"), One("count_include_pad"), Of("pads", 1, 0)).Input([2f, 4, 6, 9], 1, 1, 4);
        Assert.Equal([1, 5, 9], pool.Reference<float>().Get<float>());
    }

    [Theory]
    [InlineData(false, new float[] { 1, 1.5f, 2 })]
    [InlineData(true, new float[] { 0.5f, 1.5f, 1 })]
    public void PaddingIsCountedOnlyWhenAsked(bool counted, float[] expected) =>
        Assert.Equal(expected, Average(Kernel(2), Of("pads", 1, 1), One("count_include_pad", counted ? 1 : 0)).Input([1f, 2], 1, 1, 2).Reference<float>().Get<float>());

    [Theory]
    [InlineData(0, new long[] { 5, 7, 13, 15, 21, 23, 29, 31 })]
    [InlineData(1, new long[] { 5, 13, 7, 15, 21, 29, 23, 31 })]
    public void PositionsCountInTheAskedOrder(long order, long[] expected) =>
        Assert.Equal(expected, Max(Kernel(2, 2), Of("strides", 2, 2), One("storage_order", order)).Outputs(2)
            .Input([.. Sixteen, .. Sixteen], 1, 2, 4, 4).Reference<float>().Get<long>(1));

    [Fact]
    public void BytesArePooledToo()
    {
        Assert.Equal([9], Max(Kernel(2)).Input<byte>([3, 9], 1, 1, 2).Reference<float>().Get<byte>());
        Assert.Equal([-3], Max(Kernel(2)).Input<sbyte>([-3, -9], 1, 1, 2).Reference<float>().Get<sbyte>());
    }

    [Fact]
    public void NaNIsTheMaximumWhereverItStands()
    {
        float[] x = [float.NaN, 1, 2, 3, float.NaN, 5, 6, 7];
        Assert.Equal([float.NaN, 2, 3, float.NaN, float.NaN, 6, 7], Max(Kernel(2)).Input(x, 1, 1, 8).Reference<float>().Get<float>());
        Assert.Equal([float.NaN], new OpFixture(new GlobalMaxPoolOp(), new GlobalPoolAttributes()).Input(x, 1, 1, 8).Reference<float>().Get<float>());
    }

    [Fact]
    public void AWindowInThePaddingHoldsNothing()
    {
        NodeAttribute pads = Of("pads", 3, 0);
        Assert.Equal([float.NegativeInfinity, float.NegativeInfinity, 7, 8], Max(Kernel(2), pads).Input([7f, 8], 1, 1, 2).Reference<float>().Get<float>());
        Assert.Equal([0, 0, 7, 7.5f], Average(Kernel(2), pads).Input([7f, 8], 1, 1, 2).Reference<float>().Get<float>());
    }

    [Theory]
    [InlineData(new long[] { 1, 2, 3 }, "kernel_shape")]
    [InlineData(new long[] { 0, 1 }, "kernel_shape")]
    [InlineData(new long[] { 65536, 65536 }, "fewer than the window")]
    [InlineData(new long[] { long.MaxValue, 1 }, "kernel_shape")]
    public void AnImpossibleWindowIsRefused(long[] kernel, string expected) =>
        Assert.Contains(expected, Assert.Throws<ShapeException>(() => Max(Kernel(kernel)).Input(Sixteen, 1, 1, 4, 4).Node).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("strides", new long[] { 0, 1 })]
    [InlineData("strides", new long[] { 1L << 32, 1 })]
    [InlineData("strides", new long[] { 1 })]
    [InlineData("dilations", new long[] { 1, -1 })]
    [InlineData("dilations", new long[] { int.MaxValue, int.MaxValue })]
    [InlineData("pads", new long[] { 0, 0 })]
    [InlineData("pads", new long[] { -1, 0, 0, 0 })]
    [InlineData("pads", new long[] { int.MaxValue, 0, int.MaxValue, 0 })]
    public void AnImpossibleListIsRefused(string name, long[] values) =>
        Assert.Throws<ShapeException>(() => Max(Kernel(2, 2), Of(name, values)).Input(Sixteen, 1, 1, 4, 4).Node);

    [Theory]
    [InlineData("SAME_UPPER", new float[] { 2, 3 })]
    [InlineData("SAME_LOWER", new float[] { 1, 3 })]
    [InlineData("VALID", new float[] { 2 })]
    public void AutomaticPads(string auto, float[] expected) =>
        Assert.Equal(expected, Max(Kernel(2), Of("strides", 2), OpFixture.Attribute("auto_pad", auto)).Input([1f, 2, 3], 1, 1, 3).Reference<float>().Get<float>());

    [Fact]
    public void APrecedingPadIsTakenInWhereItMeansTheSame()
    {
        var op = new AveragePoolOp();
        var node = new OpFixture(op, new PoolAttributes([2], null, null, null, AutoPad.NotSet, false)).Input([1f, 2], 1, 1, 2).Node;
        var padded = Assert.IsType<PoolAttributes>(op.WithPadsAdded(node, [1, 1], 0));
        Assert.True(padded.CountIncludePad);
        Assert.Equal([1, 1], padded.Pads!);
        Assert.Null(op.WithPadsAdded(node, [1, 1], 1));
        Assert.Null(op.WithPadsAdded(node, [-1, 1], 0));

        var max = new MaxPoolOp();
        Assert.Null(max.WithPadsAdded(node, [1, 1], 0));
        Assert.Equal([1, 1], Assert.IsType<PoolAttributes>(max.WithPadsAdded(node, [1, 1], float.NegativeInfinity)).Pads!);
    }

    /// <summary>Kernel, stride, dilation, pads before and after, ceil, and the number of spatial axes.</summary>
    public static TheoryData<int, int, int, int, int, bool, int> Windows => new()
    {
        { 2, 2, 1, 0, 0, false, 2 }, { 3, 2, 1, 0, 0, true, 2 }, { 3, 2, 1, 1, 1, false, 2 }, { 3, 1, 2, 2, 2, false, 2 }, { 5, 3, 1, 2, 1, true, 1 }, { 2, 3, 1, 3, 4, false, 3 },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public void EveryRowGivesTheReferencesBits(int kernel, int stride, int dilation, int before, int after, bool ceil, int spatial)
    {
        long[] All(long value) => [.. Enumerable.Repeat(value, spatial)];
        foreach (int channels in (int[])[1, 17, 79])
        {
            long[] shape = [2, .. new long[] { 5, 7, 4 }.AsSpan(0, spatial), channels];
            float[] x = OpFixture.Random(shape.Aggregate((a, b) => a * b));
            x[^1] = float.NaN;
            x[0] = float.PositiveInfinity;
            foreach (bool counted in (bool[])[false, true])
            {
                var attributes = new PoolAttributes(All(kernel), All(stride), All(dilation), [.. All(before), .. All(after)], AutoPad.NotSet, ceil, counted, ChannelsLast: true);
                new OpFixture(new MaxPoolOp(), attributes).Input(x, shape).RowsMustEqualReference();
                new OpFixture(new AveragePoolOp(), attributes).Input(x, shape).RowsMustEqualReference();
            }
        }
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(1, 3)]
    [InlineData(50, 43)]
    public void GlobalRowsGiveTheReferencesBits(int height, int width)
    {
        foreach (int channels in (int[])[1, 31, 130])
        {
            float[] x = OpFixture.Random(2 * height * width * channels);
            new OpFixture(new GlobalAveragePoolOp(), new GlobalPoolAttributes(true)).Input(x, 2, height, width, channels).RowsMustEqualReference();
            new OpFixture(new GlobalMaxPoolOp(), new GlobalPoolAttributes(true)).Input(x, 2, height, width, channels).RowsMustEqualReference();
        }
    }

    [Fact]
    public void BothLayoutsGiveTheSame()
    {
        float[] nchw = OpFixture.Random(2 * 5 * 6 * 7), nhwc = new float[nchw.Length];
        for (int i = 0; i < nchw.Length; i++)
            nhwc[i / 210 * 210 + i % 42 * 5 + i / 42 % 5] = nchw[i];
        var attributes = new PoolAttributes([3, 2], [2, 1], null, [1, 0, 1, 1], AutoPad.NotSet, false);
        float[] first = new OpFixture(new AveragePoolOp(), attributes).Input(nchw, 2, 5, 6, 7).Reference<float>().Get<float>();
        float[] last = new OpFixture(new AveragePoolOp(), attributes with { ChannelsLast = true }).Input(nhwc, 2, 6, 7, 5).Reference<float>().Get<float>();
        Assert.Equal(first.Order(), last.Order());
        Assert.Equal(first[21], last[1]);
    }
}
