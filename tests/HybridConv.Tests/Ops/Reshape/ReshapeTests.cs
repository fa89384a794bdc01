using HybridConv.Graphs;
using HybridConv.Ops;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Reshape;

public class ReshapeTests
{
    private static Shape Infer(long[] input, long[] shape, bool allowZero = false) =>
        Read("Reshape", 14, Attribute("allowzero", allowZero ? 1L : 0L)).Input(new float[new Shape(input).Elements], input).Constant(shape).OutputShape;

    [Theory]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 4, 2, 3 }, "[4,2,3]")]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 0, -1 }, "[2,12]")]
    [InlineData(new long[] { 2, 3, 4 }, new long[] { 2, 0, 1, -1 }, "[2,3,1,4]")]
    [InlineData(new long[] { 0, 3 }, new long[] { 0, 7 }, "[0,7]")]
    public void ResolvesZeroAndMinusOne(long[] input, long[] shape, string expected) => Assert.Equal(expected, Infer(input, shape).ToString());

    [Theory]
    [InlineData(new long[] { -1, -1 })]
    [InlineData(new long[] { 4, -1 })]
    [InlineData(new long[] { -2, 3 })]
    [InlineData(new long[] { 2, 3, 0 })]
    [InlineData(new long[] { long.MaxValue, -1 })]
    [InlineData(new long[] { 65536, 65536, 65536, 65536, 6 })]
    [InlineData(new long[] { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3 })]
    public void RefusesWhatDoesNotFit(long[] shape) => Assert.Throws<ShapeException>(() => Infer([2, 3], shape));

    [Fact]
    public void AllowZeroKeepsEmptyAxes()
    {
        Assert.Equal(new Shape(3, 0), Infer([0, 3], [3, 0], allowZero: true));
        Assert.Throws<ShapeException>(() => Infer([0, 3], [0, -1], allowZero: true));
    }

    [Fact]
    public void OldOpsetWritesTheShapeAsAnAttribute() =>
        Assert.Equal(new Shape(6, 1), Read("Reshape", 1, Attribute("shape", 6L, 1L)).Input(new float[6], 2, 3).OutputShape);

    [Fact]
    public void ShapeIsAbsorbedAndElementsStay()
    {
        OpFixture reshape = Read("Reshape", 13).Input([1f, 2, 3, 4, 5, 6], 2, 3).Constant([3L, 2L]);
        Assert.Single(reshape.Node.Inputs);
        Assert.True(reshape.Node.Op.IsAlias(reshape.Node));
        Assert.Equal([1f, 2, 3, 4, 5, 6], reshape.Reference<float>().Get<float>());
        Assert.Equal([1.0, 2, 3, 4, 5, 6], reshape.Reference<double>().Get<double>());
    }

    [Fact]
    public void AnUnknownShapeIsOpen() =>
        Assert.Throws<OpenValueException>(() => Read("Reshape", 13).Input(new float[6]).Input([3L, 2L]).Node);

    [Theory]
    [InlineData(0, "[1,24]")]
    [InlineData(1, "[2,12]")]
    [InlineData(3, "[24,1]")]
    [InlineData(-1, "[6,4]")]
    public void FlattenMakesAMatrix(long axis, string expected) =>
        Assert.Equal(expected, Read("Flatten", 13, Attribute("axis", axis)).Input(new float[24], 2, 3, 4).OutputShape.ToString());

    [Fact]
    public void FlattenRefusesAxesOutside() =>
        Assert.Throws<ShapeException>(() => Read("Flatten", 13, Attribute("axis", 4L)).Input(new float[24], 2, 3, 4).Node);

    [Fact]
    public void SqueezeRemovesTheNamedAxesOrAll()
    {
        Assert.Equal(new Shape(3), Read("Squeeze", 13).Input(new float[3], 1, 3, 1).OutputShape);
        Assert.Equal(new Shape(1, 3), Read("Squeeze", 13).Input(new float[3], 1, 3, 1).Constant([-1L]).OutputShape);
        Assert.Equal(new Shape(3, 1), Read("Squeeze", 11, Attribute("axes", [0L])).Input(new float[3], 1, 3, 1).OutputShape);
        Assert.Throws<ShapeException>(() => Read("Squeeze", 13).Input(new float[3], 1, 3, 1).Constant([1L]).Node);
        Assert.Throws<ShapeException>(() => Read("Squeeze", 13).Input(new float[3], 1, 3, 1).Constant([0L, -3L]).Node);
    }

    [Fact]
    public void UnsqueezeCountsAxesInTheOutput()
    {
        Assert.Equal(new Shape(1, 3, 4, 1), Read("Unsqueeze", 13).Input(new float[12], 3, 4).Constant([-1L, 0L]).OutputShape);
        Assert.Equal(new Shape(3, 1, 4), Read("Unsqueeze", 11, Attribute("axes", [1L])).Input(new float[12], 3, 4).OutputShape);
        Assert.Throws<ShapeException>(() => Read("Unsqueeze", 13).Input(new float[12], 3, 4).Constant([0L, -4L]).Node);
        Assert.Throws<ShapeException>(() => Read("Unsqueeze", 13).Input(new float[12], 3, 4).Constant([3L]).Node);
        Assert.Throws<ShapeException>(() => Read("Unsqueeze", 13).Input(new float[12], 3, 4).Constant(Enumerable.Range(0, 11).Select(i => (long)i).ToArray()).Node);
    }
}
