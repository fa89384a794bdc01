using HybridConv.Graphs;
using HybridConv.Ops;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Resize;

public class ResizeTests
{
    private static OpFixture Of(float[] x, long[] shape, float[] scales, params NodeAttribute[] attributes) =>
        Read("Resize", 19, attributes).Input(x, shape).Absent().Constant(scales);

    [Theory]
    [InlineData("nearest", "half_pixel")]
    [InlineData("linear", "half_pixel")]
    [InlineData("linear", "align_corners")]
    [InlineData("linear", "pytorch_half_pixel")]
    [InlineData("cubic", "half_pixel_symmetric")]
    [InlineData("cubic", "asymmetric")]
    public void RowsEqualTheReference(string mode, string coordinates)
    {
        NodeAttribute[] attributes = [Attribute("mode", mode), Attribute("coordinate_transformation_mode", coordinates)];
        Of(Random(2 * 5 * 6 * 19), [2, 5, 6, 19], [1, 2, 1.7f, 1], attributes).RowsMustEqualReference();
        Of(Random(9 * 21), [9, 21], [0.6f, 1], attributes).RowsMustEqualReference();
    }

    [Fact]
    public void AntialiasedRowsEqualTheReference() =>
        Of(Random(12 * 10 * 17), [1, 12, 10, 17], [1, 0.4f, 0.5f, 1], Attribute("mode", "linear"), Attribute("antialias", 1L)).RowsMustEqualReference();

    [Fact]
    public void AnAxisMayShrinkToNothing() =>
        Assert.Empty(Of(Random(12), [1, 2, 6], [1, 1, 1e-9f], Attribute("mode", "linear"), Attribute("antialias", 1L)).Reference<float>().Get<float>());

    [Fact]
    public void DoublingLinearlyWeighsQuarters() =>
        Assert.Equal([1f, 1.5f, 2.5f, 3], Of([1, 3], [1, 2], [1, 2], Attribute("mode", "linear")).Reference<float>().Get<float>());

    [Fact]
    public void OldFormsRepeatPixels()
    {
        float[] expected = [1, 1, 2, 2];
        Assert.Equal(expected, Read("Upsample", 7, Attribute("scales", 1f, 2f)).Input([1f, 2], 1, 2).Reference<float>().Get<float>());
        Assert.Equal(expected, Read("Upsample", 9).Input([1f, 2], 1, 2).Constant([1f, 2f]).Reference<float>().Get<float>());
        Assert.Equal([1L, 1, 2, 2], Read("Resize", 10).Input([1L, 2], 1, 2).Constant([1f, 2f]).Reference<float>().Get<long>());
    }

    [Theory]
    [InlineData(0f)]
    [InlineData(-1f)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(1e20f)]
    public void ImpossibleScalesAreRefused(float scale) => Assert.Throws<ShapeException>(() => Of(new float[4], [4], [scale]).Node);

    [Fact]
    public void ChannelsLastGivesTheSamePixels()
    {
        float[] x = Random(5 * 6 * 4);
        OpFixture last = Of(x, [1, 5, 6, 4], [1, 2, 3, 1], Attribute("mode", "linear"));
        Node node = Of(x, [1, 4, 5, 6], [1, 1, 2, 3], Attribute("mode", "linear")).Node;
        OpFixture moved = new OpFixture(node.Op, node.Op.ToChannelsLast(node)!).Input(x, 1, 5, 6, 4);
        moved.Reference<float>().MustEqual(last.Reference<float>());
        Assert.Null(moved.Node.Op.ToChannelsLast(moved.Node));
    }
}
