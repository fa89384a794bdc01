using HybridConv.Ops;
using HybridConv.Ops.Lrn;
using Xunit;

namespace HybridConv.Tests.Ops.Lrn;

public sealed class LrnTests
{
    [Theory]
    [InlineData(1, 0.75f)]
    [InlineData(4, 0.75f)]
    [InlineData(5, 0.6f)]
    [InlineData(1_000_000_000_000, 0.75f)]
    public void RowsHaveTheReferencesBits(long size, float beta)
    {
        foreach (int channels in (int[])[1, 3, 17, 64])
            new OpFixture(new LrnOp(), new LrnAttributes(size, 0.9f, beta, 1.5f, ChannelsLast: true)).Input(OpFixture.Random(2 * 5 * channels), 2, 5, channels).RowsMustEqualReference();
    }

    [Fact]
    public void BothLayoutsAgree()
    {
        float[] x = [1, 2, 3, 4, 5, 6], last = [1, 4, 2, 5, 3, 6];
        float[] first = new OpFixture(new LrnOp(), new LrnAttributes(3, 1, 0.75f, 1)).Input(x, 1, 2, 3).Reference<float>().Get<float>();
        float[] y = new OpFixture(new LrnOp(), new LrnAttributes(3, 1, 0.75f, 1, ChannelsLast: true)).Input(last, 1, 3, 2).Reference<float>().Get<float>();
        float[] moved = [y[0], y[2], y[4], y[1], y[3], y[5]];
        Assert.Equal(first, moved);
        Assert.Equal(1 / Math.Pow(1 + (1 + 16) / 3.0, 0.75), first[0], 1e-6);
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        Assert.Throws<UnsupportedOperatorException>(() => OpFixture.Read("LRN", 13).Input(new float[4], 1, 2, 2).Node);
        Assert.Throws<ShapeException>(() => OpFixture.Read("LRN", 13, OpFixture.Attribute("size", 0L)).Input(new float[4], 1, 2, 2).Node);
        Assert.Throws<ShapeException>(() => OpFixture.Read("LRN", 13, OpFixture.Attribute("size", 3L)).Input(new float[4], 4).Node);
    }
}
