using HybridConv.Graphs;
using HybridConv.Ops.Expand;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Expand;

public class ExpandTests
{
    [Fact]
    public void BroadcastsBothWays()
    {
        OpFixture expand = Read("Expand", 13).Input([1f, 2], 2, 1).Constant([2L, 1, 3]);
        Assert.Equal(new Shape(2, 2, 3), expand.OutputShape);
        Assert.Equal([1f, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2], expand.Reference<float>().Get<float>());
        Assert.Throws<ShapeException>(() => Read("Expand", 13).Input([1f, 2], 2).Constant([3L]).Node);
        Assert.Throws<ShapeException>(() => Read("Expand", 13).Input([1f], 1).Constant([-3L]).Node);
    }

    [Fact]
    public void PermuteReordersTheShape()
    {
        Node node = Read("Expand", 13).Input(new float[4], 1, 4, 1, 1).Constant([1L, 4, 5, 6]).Node;
        Assert.Equal([1L, 5, 6, 4], ((ExpandAttributes)node.Op.Permute(node, [0, 2, 3, 1])!).Shape!);
    }
}
