using HybridConv.Graphs;
using HybridConv.Ops.Concat;
using HybridConv.Ops.Identity;
using HybridConv.Ops.Reshape;
using HybridConv.Ops.Transpose;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class RemoveIdentitiesTests
{
    [Fact]
    public void Removes_everything_that_changes_nothing()
    {
        var graph = new SmallGraph();
        Value v = graph.Add("Transpose", new TransposeAttributes([2, 0, 1, 3]), graph.Input("x", 2, 1, 3, 1));
        v = graph.Add("Identity", new IdentityAttributes(), v);
        v = graph.Add("Dropout", new DropoutAttributes(), v);
        v = graph.Add("Reshape", new ReshapeAttributes([3, 2, 1, 1]), v);
        v = graph.Add("Transpose", new TransposeAttributes([0, 1, 3, 2]), v);
        v = graph.Add("Concat", new ConcatAttributes(0), v);
        graph.Output(v);
        PassReport report = graph.Run(new RemoveIdentities());
        Assert.Equal("Transpose", graph.Ops);
        Assert.Equal(5, report.Changes.Count);
    }

    [Fact]
    public void Keeps_what_changes_the_shape()
    {
        var graph = new SmallGraph();
        graph.Output(graph.Add("Reshape", new ReshapeAttributes([3, 2]), graph.Input("x", 2, 3)));
        Assert.Empty(graph.Run(new RemoveIdentities()).Changes);
    }

    [Fact]
    public void Declines_where_an_input_is_an_output()
    {
        var graph = new SmallGraph();
        graph.Output(graph.Add("Identity", new IdentityAttributes(), graph.Input("x", 2, 3)));
        PassReport report = graph.Run(new RemoveIdentities());
        Assert.Equal("Identity0: 'identity0' and 'x' must both remain", Assert.Single(report.Declined));
    }

    [Fact]
    public void Declines_where_both_are_outputs()
    {
        var graph = new SmallGraph();
        Value y = graph.Add("Transpose", new TransposeAttributes([1, 0]), graph.Input("x", 2, 3));
        graph.Output(y, graph.Add("Identity", new IdentityAttributes(), y));
        Assert.Single(graph.Run(new RemoveIdentities()).Declined);
        Assert.Equal("Transpose Identity", graph.Ops);
    }

    [Fact]
    public void Declines_where_the_mask_is_read()
    {
        var graph = new SmallGraph();
        Node dropout = graph.AddNode("Dropout", new DropoutAttributes(BooleanMask: false), 2, graph.Input("x", 2, 3));
        graph.Output(graph.Add("Transpose", new TransposeAttributes([1, 0]), dropout.Output), dropout.Outputs[1]);
        graph.Run(new RemoveIdentities());
        Assert.Equal("Dropout Transpose", graph.Ops);
    }
}
