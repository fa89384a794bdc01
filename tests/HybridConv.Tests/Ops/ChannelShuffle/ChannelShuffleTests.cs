using HybridConv.Ops;
using HybridConv.Ops.ChannelShuffle;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.ChannelShuffle;

public class ChannelShuffleTests
{
    [Fact]
    public void EqualsReshapeTransposeReshape()
    {
        float[] x = Random(2 * 12 * 3 * 5);
        float[] shuffled = new OpFixture(new ChannelShuffleOp(), new ChannelShuffleAttributes(1, 3)).Input(x, 2, 12, 3, 5).Reference<float>().Get<float>();
        Assert.Equal(Read("Transpose", 13, Attribute("perm", 0L, 2, 1, 3, 4)).Input(x, 2, 3, 4, 3, 5).Reference<float>().Get<float>(), shuffled);
    }

    [Fact]
    public void IsNotReadFromFiles() => Assert.Null(OpTable.Find("ChannelShuffle"));

    [Fact]
    public void RefusesGroupsThatDoNotDivide()
    {
        Assert.Throws<ShapeException>(() => new OpFixture(new ChannelShuffleOp(), new ChannelShuffleAttributes(1, 5)).Input(new float[12], 1, 12).Node);
        Assert.Throws<ShapeException>(() => new OpFixture(new ChannelShuffleOp(), new ChannelShuffleAttributes(1, 0)).Input(new float[12], 1, 12).Node);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(8)]
    public void RowsEqualTheReference(long groups)
    {
        float[] x = Random(2 * 7 * 5 * 48);
        new OpFixture(new ChannelShuffleOp(), new ChannelShuffleAttributes(3, groups)).Input(x, 2, 7, 5, 48).RowsMustEqualReference();
        new OpFixture(new ChannelShuffleOp(), new ChannelShuffleAttributes(1, groups)).Input(x, 2, 48, 7, 5).RowsMustEqualReference();
    }
}
