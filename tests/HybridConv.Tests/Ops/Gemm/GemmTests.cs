using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Gemm;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Gemm;

public class GemmTests
{
    [Fact]
    public void MultipliesScalesAndAdds()
    {
        OpFixture gemm = Read("Gemm", 13, Attribute("alpha", 2f), Attribute("beta", 10f)).Input([1f, 2, 3, 4], 2, 2).Constant([1f, 0, 0, 1], 2, 2).Constant([1f, 2]);
        Assert.Equal([12f, 24, 16, 28], gemm.Reference<float>().Get<float>());
        Assert.Equal([12d, 24, 16, 28], gemm.Reference<double>().Get<double>());
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void TransposesEitherOperand(bool transA, bool transB)
    {
        float[] a = transA ? [1, 4, 2, 5, 3, 6] : [1, 2, 3, 4, 5, 6], b = transB ? [1, 3, 5, 2, 4, 6] : [1, 2, 3, 4, 5, 6];
        OpFixture gemm = Read("Gemm", 11, Attribute("transA", transA ? 1L : 0L), Attribute("transB", transB ? 1L : 0L))
            .Input(a, transA ? [3, 2] : [2, 3]).Input(b, transB ? [2, 3] : [3, 2]);
        Assert.Equal(new Shape(2, 2), gemm.OutputShape);
        Assert.Equal([22f, 28, 49, 64], gemm.Reference<float>().Get<float>());
    }

    [Theory]
    [InlineData(new long[0], new float[] { 5 }, new float[] { 6, 7, 8, 9 })]
    [InlineData(new long[] { 2 }, new float[] { 5, 6 }, new float[] { 6, 8, 8, 10 })]
    [InlineData(new long[] { 2, 1 }, new float[] { 5, 6 }, new float[] { 6, 7, 9, 10 })]
    [InlineData(new long[] { 1, 2 }, new float[] { 5, 6 }, new float[] { 6, 8, 8, 10 })]
    [InlineData(new long[] { 2, 2 }, new float[] { 5, 6, 7, 8 }, new float[] { 6, 8, 10, 12 })]
    public void BroadcastsC(long[] shape, float[] c, float[] expected)
    {
        OpFixture gemm = new OpFixture(new GemmOp(), new GemmAttributes(1, 1, false, false)).Input([1f, 2, 3, 4], 2, 2).Input([1f, 0, 0, 1], 2, 2);
        gemm = shape.Length == 0 ? gemm.Input(c, 1) : gemm.Input(c, shape);
        Assert.Equal(expected, gemm.Reference<float>().Get<float>());
    }

    [Fact]
    public void ReadsTheBroadcastAttributeOfOldOpsets()
    {
        OpFixture gemm = Read("Gemm", 6, Attribute("broadcast", 1L)).Input([1f, 2], 1, 2).Input([3f, 4], 2, 1).Input([1f]);
        Assert.Equal([12f], gemm.Reference<float>().Get<float>());
    }

    [Fact]
    public void AddsTheResidualBeforeTheActivation()
    {
        OpFixture gemm = new OpFixture(new GemmOp(), new GemmAttributes(1, 1, false, false, Activation.Relu))
            .Input([1f, -2], 2, 1).Input([3f], 1, 1).Absent().Input([-4f, 7], 2, 1);
        Assert.Equal([0f, 1], gemm.Reference<float>().Get<float>());
    }

    [Fact]
    public void RefusesOperandsThatDoNotFit()
    {
        Assert.Throws<ShapeException>(() => Read("Gemm", 13).Input(new float[4], 2, 2).Input(new float[3], 3, 1).Node);
        Assert.Throws<ShapeException>(() => Read("Gemm", 13).Input(new float[4], 2, 2, 1).Input(new float[4], 2, 2).Node);
        Assert.Throws<ShapeException>(() => Read("Gemm", 13).Input(new float[4], 2, 2).Input(new float[4], 2, 2).Input(new float[3]).Node);
        Assert.Throws<ShapeException>(() => Read("Gemm", 13).Input(new float[2], 1, 2).Input(new float[2], 2, 1).Input(new float[4], 2, 2).Node);
        Assert.Throws<ShapeException>(() => Read("Gemm", 13).Input(new int[4], 2, 2).Input(new int[4], 2, 2).Node);
    }
}
