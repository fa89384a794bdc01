using HybridConv.Graphs;
using HybridConv.Ops;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Split;

public class SplitTests
{
    [Fact]
    public void EveryFormCutsTheSame()
    {
        OpFixture attribute = Read("Split", 11, Attribute("split", 1L, 3L)).Input([1f, 2, 3, 4]).Outputs(2);
        OpFixture input = Read("Split", 13).Input([1f, 2, 3, 4]).Constant([1L, 3L]).Outputs(2);
        OpFixture parts = Read("Split", 18, Attribute("num_outputs", 2L)).Input([1f, 2, 3]).Outputs(2);
        Assert.Equal([2f, 3, 4], attribute.Reference<float>().Get<float>(1));
        Assert.Equal([2.0, 3, 4], input.Reference<double>().Get<double>(1));
        Assert.Single(input.Node.Inputs);
        Assert.Equal([1f, 2], parts.Reference<float>().Get<float>(0));
        Assert.Equal([3f], parts.Reference<float>().Get<float>(1));
    }

    [Fact]
    public void RefusesSizesThatDoNotFit()
    {
        Assert.Throws<ShapeException>(() => Read("Split", 13).Input(new float[3]).Outputs(2).Node);
        Assert.Throws<ShapeException>(() => Read("Split", 13).Input(new float[3]).Constant([1L, 1]).Outputs(2).Node);
        Assert.Throws<ShapeException>(() => Read("Split", 13).Input(new float[3]).Constant([4L, -1]).Outputs(2).Node);
        Assert.Throws<ShapeException>(() => Read("Split", 13).Input(new float[3]).Constant([long.MaxValue, long.MaxValue]).Outputs(2).Node);
        Assert.Throws<ShapeException>(() => Read("Split", 13).Input(new float[3]).Constant([3L]).Outputs(2).Node);
        Assert.Throws<ShapeException>(() => Read("Split", 18, Attribute("num_outputs", 4L)).Input(new float[5]).Outputs(4).Node);
        Assert.Throws<UnsupportedOperatorException>(() => Read("Split", 18, Attribute("num_outputs", 3L)).Input(new float[4]).Outputs(2).Node);
    }

    [Fact]
    public void PartsAreWindows()
    {
        Node node = Read("Split", 13, Attribute("axis", -1L)).Input(new float[2 * 6], 2, 6).Constant([4L, 2]).Outputs(2).Node;
        TensorView? window = ((ISplits)node.Op).Window(node, 1, TensorView.Dense(new Shape(2, 6)));
        Assert.Equal(new TensorView(new Shape(2, 2), 4, [6, 1]), window);
    }

    [Theory]
    [InlineData(1, 3, 4)]
    [InlineData(3, 16, 9)]
    public void RowsEqualTheReference(long axis, long first, long second)
    {
        long[] shape = [2, 7, 5, 25];
        shape[axis] = first + second;
        Read("Split", 13, Attribute("axis", axis)).Input(Random(new Shape(shape).Elements), shape).Constant([first, second]).Outputs(2).RowsMustEqualReference();
    }
}
