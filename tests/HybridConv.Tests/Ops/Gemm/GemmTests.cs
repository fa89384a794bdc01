using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Gemm;
using HybridConv.Planning;
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
        Assert.Throws<UnsupportedOperatorException>(() => Read("Gemm", 13).Input(new int[4], 2, 2).Input(new int[4], 2, 2).Node);
    }

    [Fact]
    public void RowsGiveTheReferencesBits()
    {
        for (int rows = 1; rows <= 33; rows += 4)
            foreach (int columns in (int[])[1, 7, 16, 33, 70])
                foreach (bool transB in (bool[])[false, true])
                {
                    var attributes = new GemmAttributes(rows % 3 == 0 ? 0.7f : 1, rows % 2 == 0 ? 0.3f : 1, false, transB, columns == 33 ? Activation.Relu : default);
                    OpFixture gemm = new OpFixture(new GemmOp(), attributes)
                        .Input(Random(rows * 19), rows, 19).Constant(Random(19 * columns, seed: 2), transB ? [columns, 19] : [19, columns]);
                    gemm = (rows % 4, columns % 2) switch
                    {
                        (0, _) => gemm.Constant(Random(columns, seed: 3)),
                        (1, 0) => gemm.Constant(Random(1, seed: 3)),
                        (1, 1) => gemm.Constant(Random(columns, seed: 3), 1, columns),
                        _ => gemm.Absent(),
                    };
                    gemm = columns == 16 ? gemm : gemm.Input(Random(rows * columns, seed: 4), rows, columns);
                    Assert.NotEmpty(gemm.Rows(new CpuInfo(CpuInfo.Widest, 1)));
                    gemm.RowsMustEqualReference();
                }
    }

    [Fact]
    public void RowsForMatricesKnownAtRunTimeGiveTheReferencesBits()
    {
        foreach (bool transB in (bool[])[false, true])
            foreach (int columns in (int[])[5, 33])
                new OpFixture(new GemmOp(), new GemmAttributes(0.7f, 0.3f, false, transB))
                    .Input(Random(9 * 19), 9, 19).Input(Random(19 * columns, seed: 2), transB ? [columns, 19] : [19, columns]).Input(Random(columns, seed: 3))
                    .RowsMustEqualReference();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(16)]
    public void ConstantMatricesAreNeverPackedInEveryRun(int threads)
    {
        Choice row = new OpFixture(new GemmOp(), new GemmAttributes(1, 1, false, true)).Input(Random(1024), 1, 1024).Constant(Random(100 * 1024), 100, 1024)
            .Rows(new CpuInfo(CpuInfo.Widest, threads)).MinBy(row => row.Fit.Nanoseconds)!;
        Assert.StartsWith("gemm.packed.", row.Name, StringComparison.Ordinal);
    }

    private static IEnumerable<Choice> All(OpFixture gemm) => gemm.Node.Op.Choices(gemm.Node, new CpuInfo(CpuInfo.Widest, 1));

    [Fact]
    public void WhatCannotBePackedIsLeftToTheReference()
    {
        Choice[] rows = [.. All(Read("Gemm", 13).Input(Random(4), 2, 2).Constant(Random(4), 2, 2).Constant(Random(4), 2, 2))];
        Assert.Contains(rows, r => !r.Fit.Ok && r.Fit.Why == "C is more than one row");
        rows = [.. All(Read("Gemm", 13, Attribute("transA", 1L)).Input(Random(4), 2, 2).Constant(Random(4), 2, 2))];
        Assert.Contains(rows, r => !r.Fit.Ok && r.Fit.Why.StartsWith("the elements of a row of [2,2] lie 2 apart", StringComparison.Ordinal));
    }
}
