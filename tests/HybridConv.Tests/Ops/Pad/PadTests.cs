using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Pad;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Pad;

public class PadTests
{
    private static OpFixture Of(string mode, long begin, long end, int size = 4) =>
        Read("Pad", 19, Attribute("mode", mode)).Input([.. Enumerable.Range(1, size).Select(i => (float)i)], size).Constant([begin, end]);

    [Theory]
    [InlineData("constant", 2, 1, "0 0 1 2 3 4 0")]
    [InlineData("constant", -1, 1, "2 3 4 0")]
    [InlineData("constant", -5, 6, "0 0 0 0 0")]
    [InlineData("constant", -2, -2, "")]
    [InlineData("edge", 2, 1, "1 1 1 2 3 4 4")]
    [InlineData("edge", -1, 2, "2 3 4 4 4")]
    [InlineData("reflect", 3, 2, "4 3 2 1 2 3 4 3 2")]
    [InlineData("reflect", 5, 7, "2 3 4 3 2 1 2 3 4 3 2 1 2 3 4 3")]
    [InlineData("reflect", -1, 2, "2 3 4 3 2")]
    [InlineData("wrap", 2, 3, "3 4 1 2 3 4 1 2 3")]
    [InlineData("wrap", 5, -1, "2 3 1 2 3 1 2 3")]
    public void FillsAsTheModeSays(string mode, long begin, long end, string expected) =>
        Assert.Equal(expected, string.Join(' ', Of(mode, begin, end).Reference<float>().Get<float>()));

    [Fact]
    public void AnAxisOfOneRepeats() => Assert.Equal([1f, 1, 1, 1], Of("reflect", 2, 1, size: 1).Reference<float>().Get<float>());

    [Fact]
    public void TheValueHasTheTypeOfTheData()
    {
        Assert.Equal([7L, 1, 7], Read("Pad", 13).Input([1L]).Constant([1L, 1]).Constant([7L], 1).Reference<float>().Get<long>());
        Assert.Equal([0.5, 1, 0.5], Read("Pad", 13).Input([1f]).Constant([1L, 1]).Constant([0.5f], 1).Reference<double>().Get<double>());
        Assert.Throws<ShapeException>(() => Read("Pad", 13).Input([1L]).Constant([1L, 1]).Constant([0.5f], 1).Node);
        Assert.Throws<ShapeException>(() => Read("Pad", 13).Input([1f]).Constant([1L, 1]).Constant([0.5f, 1], 2).Node);
    }

    [Fact]
    public void EveryFormPadsTheSame()
    {
        float[] expected = [9, 9, 9, 9, 9, 1, 2, 9];
        Assert.Equal(expected, Read("Pad", 1, Attribute("paddings", 1L, 1, 0, 1), Attribute("value", 9f)).Input([1f, 2], 1, 2).Reference<float>().Get<float>());
        Assert.Equal(expected, Read("Pad", 2, Attribute("pads", 1L, 1, 0, 1), Attribute("value", 9f)).Input([1f, 2], 1, 2).Reference<float>().Get<float>());
        Assert.Equal(expected, Read("Pad", 11).Input([1f, 2], 1, 2).Constant([1L, 1, 0, 1]).Constant([9f], 1).Reference<float>().Get<float>());
        Assert.Equal(expected, Read("Pad", 18).Input([1f, 2], 1, 2).Constant([1L, 1, 1, 0]).Constant([9f], 1).Constant([-1L, 0]).Reference<float>().Get<float>());
    }

    [Fact]
    public void RefusesWhatDoesNotFit()
    {
        Assert.Throws<ShapeException>(() => Of("constant", -3, -2).Node);
        Assert.Throws<ShapeException>(() => Of("edge", -4, 1).Node);
        Assert.Throws<ShapeException>(() => Of("reflect", 1, 0, size: 0).Node);
        Assert.Throws<ShapeException>(() => Of("reflect", 1 << 30, 0).Node);
        Assert.Throws<ShapeException>(() => Of("constant", long.MaxValue, 1).Node);
        Assert.Throws<ShapeException>(() => Of("constant", long.MinValue, 1).Node);
        Assert.Throws<ShapeException>(() => Read("Pad", 13).Input(new float[2]).Constant([1L, 1, 1]).Node);
        Assert.Throws<ShapeException>(() => Read("Pad", 18).Input(new float[2]).Constant([1L, 1, 1, 1]).Absent().Constant([0L, 0]).Node);
        Assert.Throws<UnsupportedOperatorException>(() => Read("Pad", 13, Attribute("mode", "wrap")).Input(new float[2]).Constant([1L, 1]).Node);
    }

    [Fact]
    public void PermuteReordersThePads()
    {
        Node node = Read("Pad", 13).Input(new float[24], 1, 2, 3, 4).Constant([0L, 1, 2, 3, 4, 5, 6, 7]).Node;
        Assert.Equal([0L, 2, 3, 1, 4, 6, 7, 5], ((PadAttributes)node.Op.Permute(node, [0, 2, 3, 1])!).Pads!);
    }

    [Theory]
    [InlineData("constant")]
    [InlineData("edge")]
    [InlineData("reflect")]
    [InlineData("wrap")]
    public void RowsEqualTheReference(string mode)
    {
        float[] x = Random(2 * 5 * 6 * 19);
        Read("Pad", 19, Attribute("mode", mode)).Input(x, 2, 5, 6, 19).Constant([0L, 1, 2, 0, 0, 3, 1, 0]).RowsMustEqualReference();
        Read("Pad", 19, Attribute("mode", mode)).Input(x, 2, 5, 6, 19).Constant([0L, -1, 4, 3, 1, 2, -2, 0]).RowsMustEqualReference();
    }
}
