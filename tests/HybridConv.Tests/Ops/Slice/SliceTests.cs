using HybridConv.Graphs;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Slice;

public class SliceTests
{
    private static float[] Take(long start, long end, long step, int size = 5) =>
        Read("Slice", 13).Input([.. Enumerable.Range(0, size).Select(i => (float)i)], size)
            .Constant([start]).Constant([end]).Constant([0L]).Constant([step]).Reference<float>().Get<float>();

    [Theory]
    [InlineData(1, 3, 1, "1 2")]
    [InlineData(-2, long.MaxValue, 1, "3 4")]
    [InlineData(0, 99, 2, "0 2 4")]
    [InlineData(4, long.MinValue, -1, "4 3 2 1 0")]
    [InlineData(long.MaxValue, 0, -2, "4 2")]
    [InlineData(-1, -4, -1, "4 3 2")]
    [InlineData(3, 1, 1, "")]
    [InlineData(1, 3, -1, "")]
    [InlineData(0, 5, long.MaxValue, "0")]
    [InlineData(4, -99, long.MinValue, "4")]
    [InlineData(99, 100, 1, "")]
    public void FollowsPythonAndClamps(long start, long end, long step, string expected) =>
        Assert.Equal(expected, string.Join(' ', Take(start, end, step)));

    [Fact]
    public void EmptyAxesStayEmpty() => Assert.Empty(Take(0, 3, -1, size: 0));

    [Fact]
    public void EveryFormTakesTheSame()
    {
        float[] x = Random(24);
        float[] newest = Read("Slice", 13).Input(x, 2, 3, 4).Constant([1, 0]).Constant([3, 2]).Constant([-1, 1]).Reference<float>().Get<float>();
        float[] oldest = Read("Slice", 1, Attribute("starts", 0L, 1L), Attribute("ends", 2L, 3L), Attribute("axes", 1L, 2L)).Input(x, 2, 3, 4).Reference<float>().Get<float>();
        Assert.Equal(8, newest.Length);
        Assert.Equal(oldest, newest);
        Assert.Equal(x[12..], Read("Slice", 9, Attribute("starts", [1L]), Attribute("ends", [9L])).Input(x, 2, 3, 4).Reference<float>().Get<float>());
    }

    [Fact]
    public void RefusesWhatDoesNotFit()
    {
        OpFixture Of(long[] starts, long[] ends, long[] axes, long[] steps) =>
            Read("Slice", 13).Input(new float[6], 2, 3).Constant(starts).Constant(ends).Constant(axes).Constant(steps);
        Assert.Throws<ShapeException>(() => Of([0], [1], [2], [1]).Node);
        Assert.Throws<ShapeException>(() => Of([0], [1], [0], [0]).Node);
        Assert.Throws<ShapeException>(() => Of([0, 0], [1, 1], [1, -1], [1, 1]).Node);
        Assert.Throws<ShapeException>(() => Of([0, 0], [1], [0], [1]).Node);
        Assert.Throws<ShapeException>(() => Of([0, 0, 0], [1, 1, 1], [0, 1, 0], [1, 1, 1]).Node);
    }

    [Fact]
    public void PermuteMovesTheAxes()
    {
        float[] x = Random(2 * 6 * 4 * 5);
        OpFixture plain = Read("Slice", 13).Input(x, 2, 6, 4, 5).Constant([1L, 3]).Constant([6L, 0]).Constant([1L, 2]).Constant([2L, -1]);
        object permuted = plain.Node.Op.Permute(plain.Node, [0, 2, 3, 1])!;
        OpFixture Turned(float[] data, Shape shape) => Read("Transpose", 13, Attribute("perm", 0L, 2, 3, 1)).Input(data, shape.Dims.ToArray());
        float[] expected = Turned(plain.Reference<float>().Get<float>(), plain.OutputShape).Reference<float>().Get<float>();
        float[] turned = Turned(x, new Shape(2, 6, 4, 5)).Reference<float>().Get<float>();
        Assert.Equal(expected, new OpFixture(plain.Node.Op, permuted).Input(turned, 2, 4, 5, 6).Reference<float>().Get<float>());
    }

    [Fact]
    public void RowsEqualTheReference()
    {
        float[] x = Random(2 * 9 * 8 * 20);
        Read("Slice", 13).Input(x, 2, 9, 8, 20).Constant([1L, 2, 0]).Constant([8L, 8, 20]).Constant([1L, 2, 3]).RowsMustEqualReference();
        Read("Slice", 13).Input(x, 2, 9, 8, 20).Constant([8L, 0, 19]).Constant([-99L, 8, 0]).Constant([1L, 2, 3]).Constant([-2L, 3, -3]).RowsMustEqualReference();
    }
}
