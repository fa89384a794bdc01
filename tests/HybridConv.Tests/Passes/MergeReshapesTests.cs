using HybridConv.Graphs;
using HybridConv.Ops.Identity;
using HybridConv.Ops.Reshape;
using HybridConv.Ops.Transpose;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class MergeReshapesTests
{
    private readonly SmallGraph graph = new();

    [Fact]
    public void A_chain_becomes_one()
    {
        Value v = graph.Add("Unsqueeze", new UnsqueezeAttributes([0]), graph.Input("x", 2, 3, 4));
        v = graph.Add("Flatten", new FlattenAttributes(3), v);
        v = graph.Add("Identity", new IdentityAttributes(), v);
        v = graph.Add("Reshape", new ReshapeAttributes([0, 2, -1]), v);
        graph.Output(v);
        Assert.Equal(3, graph.Run(new MergeReshapes()).Changes.Count);
        graph.Run(new RemoveDeadCode());
        Assert.Equal("Reshape", graph.Ops);
    }

    [Fact]
    public void There_and_back_is_nothing()
    {
        Value v = graph.Add("Transpose", new TransposeAttributes([1, 0]), graph.Input("x", 2, 3));
        v = graph.Add("Reshape", new ReshapeAttributes([6]), v);
        graph.Output(graph.Add("Reshape", new ReshapeAttributes([3, 2]), v));
        graph.Run(new MergeReshapes());
        graph.Run(new RemoveIdentities());
        graph.Run(new RemoveDeadCode());
        Assert.Equal("Transpose", graph.Ops);
    }

    [Fact]
    public void What_is_read_between_stays()
    {
        Value v = graph.Add("Reshape", new ReshapeAttributes([6]), graph.Input("x", 2, 3));
        graph.Output(v, graph.Add("Reshape", new ReshapeAttributes([3, 2]), v));
        graph.Run(new MergeReshapes());
        Assert.Equal("Reshape Reshape", graph.Ops);
        Assert.All(graph.Graph.Nodes, node => Assert.Equal("x", node.Input(0).Name));
    }
}
