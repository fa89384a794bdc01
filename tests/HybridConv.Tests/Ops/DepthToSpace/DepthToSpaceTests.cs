using HybridConv.Graphs;
using HybridConv.Ops;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.DepthToSpace;

public class DepthToSpaceTests
{
    [Theory]
    [InlineData("DCR", "0 2 1 3 4 6 5 7")]
    [InlineData("CRD", "0 1 2 3 4 5 6 7")]
    public void ModesOrderChannelsDifferently(string mode, string expected)
    {
        // Eight channels of one pixel become two channels of 2 x 2 pixels; with blocks last, each channel's block stands together.
        float[] x = mode == "DCR" ? [0, 4, 2, 6, 1, 5, 3, 7] : [0, 1, 2, 3, 4, 5, 6, 7];
        OpFixture space = Read("DepthToSpace", 13, Attribute("blocksize", 2L), Attribute("mode", mode)).Input(x, 1, 8, 1, 1);
        Assert.Equal(new Shape(1, 2, 2, 2), space.OutputShape);
        Assert.Equal(expected, string.Join(' ', space.Reference<float>().Get<float>()));
    }

    [Fact]
    public void SpaceToDepthUndoesIt()
    {
        float[] x = Random(2 * 12 * 3 * 5);
        OpFixture space = Read("DepthToSpace", 1, Attribute("blocksize", 2L)).Input(x, 2, 12, 3, 5);
        OpFixture depth = Read("SpaceToDepth", 13, Attribute("blocksize", 2L)).Input(space.Reference<float>().Get<float>(), space.OutputShape.Dims.ToArray());
        Assert.Equal(x, depth.Reference<float>().Get<float>());
    }

    [Theory]
    [InlineData("DepthToSpace", "DCR")]
    [InlineData("DepthToSpace", "CRD")]
    [InlineData("SpaceToDepth", "DCR")]
    public void ChannelsLastGivesTheSamePixels(string op, string mode)
    {
        NodeAttribute[] attributes = op == "SpaceToDepth" ? [Attribute("blocksize", 2L)] : [Attribute("blocksize", 2L), Attribute("mode", mode)];
        float[] x = Random(2 * 12 * 4 * 6);
        OpFixture first = Read(op, 13, attributes).Input(x, 2, 12, 4, 6);
        OpFixture last = new OpFixture(first.Node.Op, first.Node.Op.ToChannelsLast(first.Node)!).Input(Turned(x, new Shape(2, 12, 4, 6)), 2, 4, 6, 12);
        Assert.Equal(Turned(first.Reference<float>().Get<float>(), first.OutputShape), last.Reference<float>().Get<float>());
        Assert.Null(last.Node.Op.ToChannelsLast(last.Node));
        first.RowsMustEqualReference();
        last.RowsMustEqualReference();
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-2L)]
    [InlineData(3L)]
    [InlineData(1L << 32)]
    public void RefusesBlocksThatDoNotFit(long size)
    {
        Assert.Throws<ShapeException>(() => Read("DepthToSpace", 13, Attribute("blocksize", size)).Input(new float[16], 1, 4, 2, 2).Node);
        Assert.Throws<ShapeException>(() => Read("SpaceToDepth", 13, Attribute("blocksize", size)).Input(new float[16], 1, 4, 2, 2).Node);
    }

    private static float[] Turned(float[] x, Shape shape) =>
        Read("Transpose", 13, Attribute("perm", 0L, 2, 3, 1)).Input(x, shape.Dims.ToArray()).Reference<float>().Get<float>();
}
