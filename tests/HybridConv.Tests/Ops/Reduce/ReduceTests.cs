using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Reduce;
using Xunit;

namespace HybridConv.Tests.Ops.Reduce;

public sealed class ReduceTests
{
    public static TheoryData<string> Ops => ["ReduceSum", "ReduceMean", "ReduceMax"];

    [Theory]
    [MemberData(nameof(Ops))]
    public void RowsHaveTheReferencesBits(string op)
    {
        for (int n = 1; n <= 33; n++)
        {
            Rows(op, [3, n], 1);
            Rows(op, [n, n + 1], 0);
        }
        Rows(op, [2, 2500], 1);
        Rows(op, [2, 1100, 37], 1);
        Rows(op, [2, 7, 7, 37], 1, 2);
        Rows(op, [2, 3, 4], 0, 1, 2);
        Rows(op, [2, 3, 4, 5], 1, 3);
        Rows(op, [3, 0], 1);
        Rows(op, [0, 3], 1);
        Rows(op, [20000], 0);
    }

    [Fact]
    public void AxesInEveryForm()
    {
        float[] x = [1, 2, 3, 4, 5, 6];
        NodeAttribute axes = OpFixture.Attribute("axes", (long[])[1]), drop = OpFixture.Attribute("keepdims", 0L);
        Assert.Equal([6f, 15f], OpFixture.Read("ReduceSum", 11, axes).Input(x, 2, 3).Reference<float>().Get<float>());
        Assert.Equal([2.0, 5.0], OpFixture.Read("ReduceMean", 18).Input(x, 2, 3).Constant([-1L]).Reference<double>().Get<double>());
        OpFixture max = OpFixture.Read("ReduceMax", 13, axes, drop).Input(x, 2, 3);
        Assert.Equal(new Shape(2), max.OutputShape);
        Assert.Equal([3f, 6f], max.Reference<float>().Get<float>());
        OpFixture all = OpFixture.Read("ReduceSum", 13).Input(x, 2, 3);
        Assert.Equal(new Shape(1, 1), all.OutputShape);
        Assert.Equal([21f], all.Reference<float>().Get<float>());
        NodeAttribute none = OpFixture.Attribute("noop_with_empty_axes", 1L);
        Assert.Equal(x, OpFixture.Read("ReduceSum", 13, none).Input(x, 2, 3).Constant(Array.Empty<long>(), 0).Reference<float>().Get<float>());
        Assert.Equal(x, OpFixture.Read("ReduceSum", 13, none).Input(x, 2, 3).Reference<float>().Get<float>());
        Assert.Throws<OpenValueException>(() => OpFixture.Read("ReduceSum", 13).Input(x, 2, 3).Input([1L]).Node);
        Assert.Throws<ShapeException>(() => OpFixture.Read("ReduceSum", 13).Input(x, 2, 3).Constant([2L]).Node);
    }

    [Fact]
    public void IntegersAndNothing()
    {
        Assert.Equal([6L], OpFixture.Read("ReduceSum", 13).Input([1L, 2L, 3L]).Reference<float>().Get<long>());
        Assert.Equal([3], OpFixture.Read("ReduceMean", 13).Input([3, 4]).Reference<float>().Get<int>());
        Assert.Equal([true], OpFixture.Read("ReduceMax", 20).Input([false, true]).Reference<float>().Get<bool>());
        Assert.Equal([float.NegativeInfinity], OpFixture.Read("ReduceMax", 13).Input<float>([], 0).Reference<float>().Get<float>());
        Assert.Equal([int.MinValue], OpFixture.Read("ReduceMax", 13).Input<int>([], 0).Reference<float>().Get<int>());
        Assert.Equal([0], OpFixture.Read("ReduceMean", 13).Input<int>([], 0).Reference<float>().Get<int>());
        Assert.True(float.IsNaN(OpFixture.Read("ReduceMean", 13).Input<float>([], 0).Reference<float>().Get<float>()[0]));
        Assert.True(float.IsNaN(OpFixture.Read("ReduceMax", 13).Input([1f, float.NaN, 3f]).Reference<float>().Get<float>()[0]));
        Assert.Throws<UnsupportedOperatorException>(() => OpFixture.Read("ReduceSum", 13).Input([true]).Node);
        Assert.Throws<UnsupportedOperatorException>(() => OpFixture.Read("ReduceMean", 13).Input(new sbyte[256]).Node);
    }

    /// <summary>Moving the channels to the end keeps the order of rows and columns, so the sum over them may follow; a sum over all three may not.</summary>
    [Fact]
    public void AxesFollowThePermutation()
    {
        Node Node(params long[] axes) => OpFixture.Read("ReduceMean", 18).Input(new float[120], 2, 3, 4, 5).Constant(axes).Node;
        Node spatial = Node(2, 3), all = Node(1, 2, 3);
        Assert.Equal([1L, 2L], ((ReduceAttributes)spatial.Op.Permute(spatial, [0, 2, 3, 1])!).Axes!);
        Assert.Null(all.Op.Permute(all, [0, 2, 3, 1]));
    }

    private static void Rows(string op, long[] shape, params long[] axes) =>
        OpFixture.Read(op, 18).Input(OpFixture.Random(new Shape(shape).Elements, 3), shape).Constant(axes).RowsMustEqualReference();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(47)]
    public void RowsFindTheLargestAndNaNWhereverTheyAre(int length)
    {
        for (int place = 0; place < length; place++)
            foreach (float largest in (float[])[-1, float.NaN])
            {
                float[] x = [.. Enumerable.Repeat(-2f, length)];
                x[place] = largest;
                OpFixture.Read("ReduceMax", 13, OpFixture.Attribute("axes", [1L])).Input([.. x, .. x], 2, length).RowsMustEqualReference();
            }
    }
}
