using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Identity;
using HybridConv.Ops.Transpose;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class RemoveDeadCodeTests
{
    [Fact]
    public void Removes_what_no_output_needs()
    {
        var graph = new SmallGraph();
        Value x = graph.Input("x", 2, 3);
        Value kept = graph.Add("Transpose", new TransposeAttributes([1, 0]), x);
        Value dead = graph.Add("Identity", new IdentityAttributes(), x);
        graph.Add("Identity", new IdentityAttributes(), dead);
        graph.Output(kept);
        PassReport report = graph.Run(new RemoveDeadCode());
        Assert.Equal("Transpose", graph.Ops);
        Assert.Equal(2, report.Changes.Count);
    }

    [Fact]
    public void Keeps_intermediate_outputs()
    {
        var graph = new SmallGraph();
        Value y = graph.Add("Identity", new IdentityAttributes(), graph.Input("x", 2, 3));
        Value z = graph.Add("Identity", new IdentityAttributes(), y);
        graph.Output(z, y);
        Assert.Empty(graph.Run(new RemoveDeadCode()).Changes);
        Assert.Equal("Identity Identity", graph.Ops);
    }

    [Fact]
    public void A_million_nodes_do_not_overflow_the_stack()
    {
        var graph = new Graph("chain");
        var value = new Value("x") { Type = ElementType.Float32, Shape = new Shape(1) };
        graph.Inputs.Add(value);
        Op op = OpTable.Find("Identity")!;
        for (int i = 0; i < 1_000_000; i++)
        {
            var next = new Value($"v{i}") { Type = value.Type, Shape = value.Shape };
            graph.Nodes.Add(new Node($"n{i}", op, new IdentityAttributes(), [value], [next]));
            value = next;
        }
        graph.Outputs.Add(value);
        PassPipeline.Run(graph, [new RemoveDeadCode(), new MergeCommonSubexpressions(), new MoveToChannelsLast(), new RemoveIdentities()]);
        Assert.Single(graph.Nodes);
    }
}
