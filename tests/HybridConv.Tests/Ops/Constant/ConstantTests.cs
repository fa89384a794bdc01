using HybridConv.Graphs;
using HybridConv.Ops;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Constant;

public class ConstantTests
{
    [Fact]
    public void EveryFormIsKnownAfterInference()
    {
        Assert.Equal([2.5f], Read("Constant", 13, Attribute("value_float", 2.5f)).Node.Output.Constant!.ToArray<float>());
        Assert.Equal([3L], Read("Constant", 13, Attribute("value_int", 3L)).Node.Output.Constant!.ToArray<long>());
        Assert.Equal([3L, 4], Read("Constant", 13, Attribute("value_ints", 3L, 4L)).Node.Output.Constant!.ToArray<long>());
        Assert.Equal([1f, 2], Read("Constant", 13, Attribute("value_floats", 1f, 2f)).Node.Output.Constant!.ToArray<float>());
        OpFixture tensor = Read("Constant", 9, Attribute("value", Tensor.From([1f, 2], new Shape(2, 1), "t")));
        Assert.Equal(new Shape(2, 1), tensor.OutputShape);
        Assert.Equal([1.0, 2], tensor.Reference<double>().Get<double>());
    }

    [Fact]
    public void TextAndNothingAreRefused()
    {
        Assert.Throws<UnsupportedOperatorException>(() => Read("Constant", 13, Attribute("value_string", "x")).Node);
        Assert.Throws<UnsupportedOperatorException>(() => Read("Constant", 13).Node);
    }

    [Fact]
    public void ConstantOfShapeFills()
    {
        OpFixture ones = Read("ConstantOfShape", 9, Attribute("value", Tensor.From([7], new Shape(1), "t"))).Constant([2L, 1]);
        Assert.Empty(ones.Node.Inputs);
        Assert.Equal(new Shape(2, 1), ones.OutputShape);
        Assert.Equal([7, 7], ones.Reference<float>().Get<int>());
        Assert.Equal([0f], Read("ConstantOfShape", 9).Constant(new long[] { }, 0).Reference<float>().Get<float>());
        Assert.Equal([2.5], Read("ConstantOfShape", 9, Attribute("value", Tensor.From([2.5f], new Shape(1), "t"))).Constant([1L]).Reference<double>().Get<double>());
        Assert.Throws<ShapeException>(() => Read("ConstantOfShape", 9).Constant([-1L]).Node);
        Assert.Throws<ShapeException>(() => Read("ConstantOfShape", 9).Constant([1L << 31]).Node);
    }

    [Fact]
    public void RangesStopBeforeTheirLimit()
    {
        Assert.Equal([3L, 5, 7], Range(3L, 9, 2));
        Assert.Equal([3L, 5, 7], Range(3L, 8, 2));
        Assert.Equal([10, 7, 4], Range(10, 1, -3));
        Assert.Equal(new short[] { }, Range<short>(3, 3, 1));
        Assert.Equal(new long[] { }, Range(3L, 9, -1));
        Assert.Equal([long.MaxValue - 1], Range(long.MaxValue - 1, long.MaxValue, 3));
        Assert.Equal([1f, 1.5f, 2], Range(1f, 2.25f, 0.5f));
        Assert.Equal([0.0, -0.5], Range(0.0, -1, -0.5));
        OpFixture range = Read("Range", 11).Constant([0f], 1).Constant([1f], 1).Constant([0.25f], 1);
        Assert.Empty(range.Node.Inputs);
        Assert.Equal([0, 0.25, 0.5, 0.75], range.Reference<double>().Get<double>());

        static T[] Range<T>(T start, T limit, T step) where T : unmanaged =>
            Read("Range", 11).Constant([start], 1).Constant([limit], 1).Constant([step], 1).Reference<float>().Get<T>();
    }

    /// <summary>Neighbours of 2^63 lie 2^40 apart, and no element is a long.</summary>
    [Fact]
    public void RangesBeyondLongs()
    {
        const float Start = 1L << 62, Step = 1L << 40;
        OpFixture range = Read("Range", 11).Constant([2 * Start]).Constant([2 * Start + 2 * Step]).Constant([Step]);
        Assert.Equal([2 * Start, 2 * Start + Step], range.Reference<float>().Get<float>());
    }

    [Theory]
    [InlineData(0f, 9.223372e18f, 1f), InlineData(0f, -9.223372e18f, -1f), InlineData(-9.223372e18f, 9.223372e18f, 1f), InlineData(-3e38f, 3e38f, 1e-38f)]
    [InlineData(0f, 5f, float.NaN), InlineData(float.NaN, 5f, 1f), InlineData(0f, 0f, 0f), InlineData(0f, -5f, 0f), InlineData(0f, float.PositiveInfinity, 1f)]
    public void RangesOfFloatsWithoutACountAreRefused(float start, float limit, float step)
    {
        Assert.Throws<ShapeException>(() => Read("Range", 11).Constant([start]).Constant([limit]).Constant([step]).Node);
        Assert.Throws<ShapeException>(() => Read("Range", 11).Constant([(double)start]).Constant([(double)limit]).Constant([(double)step]).Node);
    }

    [Fact]
    public void RangesThatAreNoneAreRefused()
    {
        Assert.Throws<ShapeException>(() => Read("Range", 11).Constant([0L]).Constant([5L]).Constant([0L]).Node);
        Assert.Throws<ShapeException>(() => Read("Range", 11).Constant([0f]).Constant([5f]).Constant([0f]).Node);
        Assert.Throws<ShapeException>(() => Read("Range", 11).Constant([0f]).Constant([float.NaN]).Constant([1f]).Node);
        Assert.Throws<ShapeException>(() => Read("Range", 11).Constant([long.MinValue]).Constant([long.MaxValue]).Constant([1L]).Node);
        Assert.Throws<ShapeException>(() => Read("Range", 11).Constant([0L]).Constant([5L]).Constant([1]).Node);
        Assert.Throws<ShapeException>(() => Read("Range", 11).Constant([0L]).Constant([5L, 6]).Constant([1L]).Node);
        Assert.Throws<UnsupportedOperatorException>(() => Read("Range", 11).Constant([true]).Constant([true]).Constant([true]).Node);
        Assert.Throws<OpenValueException>(() => Read("Range", 11).Constant([0L]).Input([5L]).Constant([1L]).Node);
    }
}
