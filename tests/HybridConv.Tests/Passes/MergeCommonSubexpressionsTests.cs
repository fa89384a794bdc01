using HybridConv.Graphs;
using HybridConv.Ops.Concat;
using HybridConv.Ops.Identity;
using HybridConv.Ops.Transpose;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class MergeCommonSubexpressionsTests
{
    [Fact]
    public void Merges_chains_of_equal_nodes()
    {
        var graph = new SmallGraph();
        Value x = graph.Input("x", 2, 3);
        Value a = graph.Add("Identity", new IdentityAttributes(), graph.Add("Transpose", new TransposeAttributes([1, 0]), x));
        Value b = graph.Add("Identity", new IdentityAttributes(), graph.Add("Transpose", new TransposeAttributes([1, 0]), x));
        graph.Output(graph.Add("Concat", new ConcatAttributes(0), a, b));
        PassReport report = graph.Run(new MergeCommonSubexpressions());
        Assert.Equal("Transpose Identity Concat", graph.Ops);
        Assert.Equal(2, report.Changes.Count);
    }

    [Fact]
    public void Attributes_matter()
    {
        var graph = new SmallGraph();
        Value x = graph.Input("x", 3, 3);
        graph.Output(graph.Add("Concat", new ConcatAttributes(0), x, x), graph.Add("Concat", new ConcatAttributes(1), x, x));
        Assert.Empty(graph.Run(new MergeCommonSubexpressions()).Changes);
    }

    [Fact]
    public void Equal_constants_are_one()
    {
        var graph = new SmallGraph();
        Value x = graph.Input("x", 1);
        Value a = graph.Add("Concat", new ConcatAttributes(0), x, graph.Constant(new Shape(2), 1, 2));
        Value b = graph.Add("Concat", new ConcatAttributes(0), x, graph.Constant(new Shape(2), 1, 2));
        Value c = graph.Add("Concat", new ConcatAttributes(0), x, graph.Constant(new Shape(2), 1, 3));
        graph.Output(graph.Add("Concat", new ConcatAttributes(0), a, b, c));
        Assert.Single(graph.Run(new MergeCommonSubexpressions()).Changes);
    }

    [Fact]
    public void An_output_of_the_graph_keeps_its_name()
    {
        var graph = new SmallGraph();
        Value x = graph.Input("x", 2, 3);
        Value a = graph.Add("Transpose", new TransposeAttributes([1, 0]), x);
        Value b = graph.Add("Transpose", new TransposeAttributes([1, 0]), x);
        graph.Output(graph.Add("Concat", new ConcatAttributes(0), a, b), b);
        Assert.Single(graph.Run(new MergeCommonSubexpressions()).Changes);
        Assert.Equal("Transpose Concat", graph.Ops);
    }

    [Fact]
    public void Declines_where_both_are_outputs()
    {
        var graph = new SmallGraph();
        Value x = graph.Input("x", 2, 3);
        graph.Output(graph.Add("Transpose", new TransposeAttributes([1, 0]), x), graph.Add("Transpose", new TransposeAttributes([1, 0]), x));
        Assert.Single(graph.Run(new MergeCommonSubexpressions()).Declined);
    }
}
