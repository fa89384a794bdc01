using HybridConv.Graphs;
using HybridConv.Ops.Concat;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Concat;

public class ConcatTests
{
    [Fact]
    public void JoinsAlongAnyAxis()
    {
        OpFixture rows = Read("Concat", 13, Attribute("axis", 0L)).Input([1f, 2], 1, 2).Input([3f, 4, 5, 6], 2, 2);
        Assert.Equal([1f, 2, 3, 4, 5, 6], rows.Reference<float>().Get<float>());
        OpFixture columns = Read("Concat", 13, Attribute("axis", -1L)).Input([1L, 2], 2, 1).Input([3L, 4, 5, 6], 2, 2);
        Assert.Equal(new Shape(2, 3), columns.OutputShape);
        Assert.Equal([1L, 3, 4, 2, 5, 6], columns.Reference<double>().Get<long>());
    }

    [Fact]
    public void RefusesShapesTypesAndAxesThatDoNotFit()
    {
        Assert.Throws<ShapeException>(() => Read("Concat", 13, Attribute("axis", 0L)).Input(new float[2], 1, 2).Input(new float[3], 1, 3).Node);
        Assert.Throws<ShapeException>(() => Read("Concat", 13, Attribute("axis", 1L)).Input(new float[2], 1, 2).Input(new float[2], 2).Node);
        Assert.Throws<ShapeException>(() => Read("Concat", 13, Attribute("axis", 1L)).Input(new float[2], 1, 2).Input(new long[2], 1, 2).Node);
        Assert.Throws<ShapeException>(() => Read("Concat", 13, Attribute("axis", 2L)).Input(new float[2], 1, 2).Node);
    }

    [Fact]
    public void PermuteMovesTheAxis()
    {
        Node node = Read("Concat", 13, Attribute("axis", 1L)).Input(new float[8], 1, 2, 2, 2).Input(new float[4], 1, 1, 2, 2).Node;
        Assert.Equal(new ConcatAttributes(3), node.Op.Permute(node, [0, 2, 3, 1]));
    }
}
