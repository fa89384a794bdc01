using HybridConv.Graphs;
using HybridConv.Ops.Softmax;
using HybridConv.Ops;
using Xunit;

namespace HybridConv.Tests.Ops.Softmax;

public sealed class SoftmaxTests
{
    [Theory]
    [InlineData("Softmax")]
    [InlineData("LogSoftmax")]
    public void RowsHaveTheReferencesBits(string op)
    {
        for (int n = 1; n <= 33; n++)
            OpFixture.Read(op, 13).Input(OpFixture.Random(3 * n, n), 3, n).RowsMustEqualReference();
        OpFixture.Read(op, 13).Input(OpFixture.Random(5000), 2, 2500).RowsMustEqualReference();
        OpFixture.Read(op, 11).Input(OpFixture.Random(60), 3, 4, 5).RowsMustEqualReference();
        OpFixture.Read(op, 13).Input<float>([], 3, 0).RowsMustEqualReference();
    }

    /// <summary>Also where the softmax itself is too small for a float.</summary>
    [Fact]
    public void TheLogarithmOfASoftmax()
    {
        float[] x = [1, 2, 4, -300];
        double sum = x.Sum(v => Math.Exp(v - 4));
        float[] y = OpFixture.Read("LogSoftmax", 13).Input(x).Reference<float>().Get<float>();
        double[] exact = OpFixture.Read("LogSoftmax", 13).Input(x).Reference<double>().Get<double>();
        for (int i = 0; i < x.Length; i++)
        {
            Assert.Equal(x[i] - 4 - Math.Log(sum), exact[i], 1e-12);
            Assert.Equal(exact[i], y[i], 1e-4);
        }
        Assert.Equal(float.NegativeInfinity, OpFixture.Read("LogSoftmax", 13).Input([float.NegativeInfinity, 3f]).Reference<float>().Get<float>()[0]);
    }

    [Fact]
    public void TheMeaningChangedAtOpset13()
    {
        float[] x = [0, 0, 0, 0, 0, 0, 0, 0];
        Assert.All(OpFixture.Read("Softmax", 12).Input(x, 2, 2, 2).Reference<float>().Get<float>(), y => Assert.Equal(0.25f, y));
        Assert.All(OpFixture.Read("Softmax", 13).Input(x, 2, 2, 2).Reference<float>().Get<float>(), y => Assert.Equal(0.5f, y));
        Assert.All(OpFixture.Read("Softmax", 13, OpFixture.Attribute("axis", 0L)).Input(x, 4, 2).Reference<double>().Get<double>(), y => Assert.Equal(0.25, y));
    }

    /// <summary>A flattened run of one wide axis is that axis, so that the channels may move.</summary>
    [Fact]
    public void OneWideAxisIsNotFlattened()
    {
        Node node = OpFixture.Read("Softmax", 11).Input(new float[10], 1, 10, 1, 1).Node;
        Assert.Equal(new SoftmaxAttributes(1, false), node.Attributes);
        Assert.Equal(new SoftmaxAttributes(3, false), node.Op.Permute(node, [0, 2, 3, 1]));
        Node flat = OpFixture.Read("Softmax", 11).Input(new float[20], 1, 10, 2, 1).Node;
        Assert.Null(flat.Op.Permute(flat, [0, 2, 3, 1]));
    }

    [Fact]
    public void InfinitiesAndNaN()
    {
        float[] Run(params float[] x) => OpFixture.Read("Softmax", 13).Input(x).Reference<float>().Get<float>();
        Assert.Equal([0f, 1f], Run(float.NegativeInfinity, 3f));
        Assert.All(Run(float.NegativeInfinity, float.NegativeInfinity), y => Assert.True(float.IsNaN(y)));
        Assert.All(Run(float.NaN, 1f), y => Assert.True(float.IsNaN(y)));
        Assert.All(Run(float.PositiveInfinity, 1f), y => Assert.True(float.IsNaN(y)));
        Assert.Equal([1f, 0f], Run(1e30f, -1e30f));
    }

    [Fact]
    public void WhatDoesNotFitIsRefused()
    {
        Assert.Throws<ShapeException>(() => OpFixture.Read("Softmax", 13, OpFixture.Attribute("axis", 2L)).Input(new float[4], 2, 2).Node);
        Assert.Throws<UnsupportedOperatorException>(() => OpFixture.Read("Softmax", 13).Input([1L]).Node);
    }
}
