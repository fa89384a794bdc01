using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.MatMul;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.MatMul;

public class MatMulTests
{
    [Theory]
    [InlineData(new long[] { 2, 3 }, new long[] { 3, 4 }, new long[] { 2, 4 })]
    [InlineData(new long[] { 3 }, new long[] { 3, 4 }, new long[] { 4 })]
    [InlineData(new long[] { 2, 3 }, new long[] { 3 }, new long[] { 2 })]
    [InlineData(new long[] { 3 }, new long[] { 3 }, new long[0])]
    [InlineData(new long[] { 5, 2, 3 }, new long[] { 3, 4 }, new long[] { 5, 2, 4 })]
    [InlineData(new long[] { 5, 1, 2, 3 }, new long[] { 6, 3, 4 }, new long[] { 5, 6, 2, 4 })]
    [InlineData(new long[] { 3 }, new long[] { 6, 3, 4 }, new long[] { 6, 4 })]
    [InlineData(new long[] { 6, 2, 3 }, new long[] { 3 }, new long[] { 6, 2 })]
    [InlineData(new long[] { 2, 0 }, new long[] { 0, 3 }, new long[] { 2, 3 })]
    public void FollowsNumpy(long[] a, long[] b, long[] result)
    {
        float[] x = Whole(a, 1), y = Whole(b, 2);
        OpFixture product = new OpFixture(new MatMulOp(), new MatMulAttributes()).Input(x, a).Input(y, b);
        Assert.Equal(new Shape(result), product.OutputShape);
        Assert.Equal(Naive(x, a, y, b), product.Reference<float>().Get<float>());
    }

    [Theory]
    [InlineData(new long[] { 2, 3 }, new long[] { 3, 4 })]
    [InlineData(new long[] { 3 }, new long[] { 3, 4 })]
    [InlineData(new long[] { 2, 3 }, new long[] { 3 })]
    [InlineData(new long[] { 3 }, new long[] { 3 })]
    [InlineData(new long[] { 5, 9, 7 }, new long[] { 7, 40 })]
    [InlineData(new long[] { 5, 9, 7 }, new long[] { 1, 7, 40 })]
    [InlineData(new long[] { 9, 7 }, new long[] { 1, 7, 33 })]
    [InlineData(new long[] { 2, 0 }, new long[] { 0, 3 })]
    public void RowsGiveTheReferencesBits(long[] a, long[] b)
    {
        OpFixture product = new OpFixture(new MatMulOp(), new MatMulAttributes(Activation.Relu))
            .Input(OpFixture.Random(new Shape(a).Elements), a).Constant(OpFixture.Random(new Shape(b).Elements, seed: 2), b);
        Assert.NotEmpty(product.Rows(new CpuInfo(CpuInfo.Widest, 1)));
        product.RowsMustEqualReference();
    }

    [Theory]
    [InlineData(new long[] { 2, 3 }, new long[] { 3, 4 })]
    [InlineData(new long[] { 3 }, new long[] { 3 })]
    [InlineData(new long[] { 5, 9, 7 }, new long[] { 5, 7, 40 })]
    [InlineData(new long[] { 5, 1, 9, 7 }, new long[] { 4, 7, 33 })]
    [InlineData(new long[] { 200, 7 }, new long[] { 7, 17 })]
    [InlineData(new long[] { 6, 2, 3 }, new long[] { 3 })]
    [InlineData(new long[] { 2, 0 }, new long[] { 0, 3 })]
    [InlineData(new long[] { 0, 2 }, new long[] { 2, 3 })]
    public void RowsForMatricesKnownAtRunTimeGiveTheReferencesBits(long[] a, long[] b)
    {
        OpFixture product = new OpFixture(new MatMulOp(), new MatMulAttributes(Activation.Relu))
            .Input(OpFixture.Random(new Shape(a).Elements), a).Input(OpFixture.Random(new Shape(b).Elements, seed: 2), b);
        long[] result = Result(a, b);
        if (result.Length > 0)
            product = product.Input(OpFixture.Random(new Shape(result).Elements, seed: 3), result);
        Assert.NotEmpty(product.Rows(new CpuInfo(CpuInfo.Widest, 1)));
        product.RowsMustEqualReference();
    }

    private static long[] Result(long[] a, long[] b) =>
        new OpFixture(new MatMulOp(), new MatMulAttributes()).Input(new float[new Shape(a).Elements], a).Input(new float[new Shape(b).Elements], b).OutputShape.Dims.ToArray();

    [Fact]
    public void RefusesOperandsThatDoNotFit()
    {
        Assert.Throws<ShapeException>(() => Read("MatMul", 13).Input(new float[4], 2, 2).Input(new float[3], 3, 1).Node);
        Assert.Throws<ShapeException>(() => Read("MatMul", 13).Input(new float[8], 2, 2, 2).Input(new float[12], 3, 2, 2).Node);
        Assert.Throws<UnsupportedOperatorException>(() => Read("MatMul", 9).Input(new int[4], 2, 2).Input(new int[4], 2, 2).Node);
    }

    private static float[] Whole(long[] shape, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)new Shape(shape).Elements).Select(_ => (float)random.Next(-4, 5))];
    }

    private static float[] Naive(float[] x, long[] a, float[] y, long[] b)
    {
        long[] left = a.Length == 1 ? [1, a[0]] : a, right = b.Length == 1 ? [b[0], 1] : b;
        long rows = left[^2], depth = left[^1], columns = right[^1];
        Shape batch = Shape.Broadcast(new Shape(left[..^2]), new Shape(right[..^2]));
        var result = new List<float>();
        for (long n = 0; n < batch.Elements; n++)
            for (long row = 0; row < rows; row++)
                for (long column = 0; column < columns; column++)
                {
                    float sum = 0;
                    for (long k = 0; k < depth; k++)
                        sum += x[(Matrix(n, batch, left) * rows + row) * depth + k] * y[(Matrix(n, batch, right) * depth + k) * columns + column];
                    result.Add(sum);
                }
        return [.. result];
    }

    /// <summary>Which of an operand's matrices stands at position <paramref name="n"/> of the batch.</summary>
    private static long Matrix(long n, Shape batch, long[] operand)
    {
        long matrix = 0, scale = 1;
        for (int axis = 1; axis <= batch.Rank; axis++)
        {
            long size = batch[-axis], own = axis + 2 <= operand.Length ? operand[^(axis + 2)] : 1;
            matrix += own == 1 ? 0 : n % size * scale;
            scale *= own;
            n /= size;
        }
        return matrix;
    }
}
