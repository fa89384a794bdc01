using HybridConv.Graphs;
using HybridConv.Ops.Transpose;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Transpose;

public class TransposeTests
{
    [Fact]
    public void ReversesAxesByDefault()
    {
        OpFixture transpose = Read("Transpose", 13).Input([1f, 2, 3, 4, 5, 6], 2, 3);
        Assert.Equal(new Shape(3, 2), transpose.OutputShape);
        Assert.Equal([1f, 4, 2, 5, 3, 6], transpose.Reference<float>().Get<float>());
    }

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 1)]
    [InlineData(0, 1, 3)]
    public void RefusesWhatIsNoPermutation(params int[] permutation) =>
        Assert.Throws<ShapeException>(() => Read("Transpose", 13, Attribute("perm", Array.ConvertAll(permutation, i => (long)i))).Input(new float[6], 1, 2, 3).Node);

    [Fact]
    public void PermuteGivesTheSameOnTransposedData()
    {
        int[] mine = [2, 0, 3, 1], by = [0, 2, 3, 1];
        OpFixture plain = new OpFixture(new TransposeOp(), new TransposeAttributes(mine)).Input(Random(120), 2, 3, 4, 5);
        float[] expected = After(plain.Reference<float>().Get<float>(), plain.OutputShape, by);
        float[] moved = After(Random(120), new Shape(2, 3, 4, 5), by);
        OpFixture permuted = new OpFixture(plain.Node.Op, plain.Node.Op.Permute(plain.Node, by)!).Input(moved, 2, 4, 5, 3);
        Assert.Equal(expected, permuted.Reference<float>().Get<float>());
    }

    [Fact]
    public void MovingOnlyUnitAxesIsAnAlias()
    {
        Node pooled = new OpFixture(new TransposeOp(), new TransposeAttributes([0, 3, 1, 2])).Input(new float[8], 1, 1, 1, 8).Node;
        Assert.True(pooled.Op.IsAlias(pooled));
        Node image = new OpFixture(new TransposeOp(), new TransposeAttributes([0, 3, 1, 2])).Input(new float[16], 1, 1, 2, 8).Node;
        Assert.False(image.Op.IsAlias(image));
    }

    private static float[] After(float[] data, Shape shape, int[] permutation) =>
        new OpFixture(new TransposeOp(), new TransposeAttributes(permutation)).Input(data, shape.Dims.ToArray()).Reference<float>().Get<float>();
}
