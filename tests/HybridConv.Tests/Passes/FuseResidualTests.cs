using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class FuseResidualTests
{
    private readonly SmallGraph graph = new();
    private readonly Value x;

    public FuseResidualTests() => x = graph.Input("x", 1, 4, 5, 5);

    [Fact]
    public void An_add_becomes_the_convolutions_residual()
    {
        graph.Output(graph.Add("Add", new BinaryAttributes(), x, graph.Conv(x, 4, 3)));
        PassReport report = graph.Run(new FuseResidual());
        Assert.Equal("Conv", graph.Ops);
        Assert.Equal("Conv0 (Conv) adds 'x' in place of Add1 (Add)", Assert.Single(report.Changes));
    }

    [Fact]
    public void The_later_of_two_convolutions_takes_the_other()
    {
        Value a = graph.Conv(x, 4, 3), b = graph.Conv(x, 4, 1);
        graph.Output(graph.Add("Add", new BinaryAttributes(), b, a));
        graph.Run(new FuseResidual());
        Assert.Equal("Conv Conv", graph.Ops);
        Assert.Same(graph.Graph.Nodes[0].Output, graph.Graph.Nodes[1].Input(3));
    }

    [Fact]
    public void A_convolution_waits_for_a_residual_that_is_computed_later()
    {
        Value a = graph.Conv(x, 4, 3), b = graph.Add("Tanh", new UnaryAttributes<Tanh>(default), x);
        graph.Output(graph.Add("Sum", new VariadicAttributes(), a, b));
        graph.Run(new FuseResidual());
        Assert.Equal("Tanh Conv", graph.Ops);
    }

    [Fact]
    public void Declines_a_result_with_other_readers()
    {
        Value a = graph.Conv(x, 4, 3);
        graph.Output(graph.Add("Add", new BinaryAttributes(), a, x), graph.Add("Tanh", new UnaryAttributes<Tanh>(default), a));
        Assert.Equal("Add1: 'conv0' has other readers", Assert.Single(graph.Run(new FuseResidual()).Declined));
    }

    [Fact]
    public void Declines_an_output_of_the_graph()
    {
        Value a = graph.Conv(x, 4, 3);
        graph.Output(graph.Add("Add", new BinaryAttributes(), a, x), a);
        Assert.Single(graph.Run(new FuseResidual()).Declined);
    }

    [Fact]
    public void Declines_a_broadcast()
    {
        graph.Output(graph.Add("Add", new BinaryAttributes(), graph.Conv(x, 4, 3), graph.Input("y", 4, 1, 1)));
        Assert.Single(graph.Run(new FuseResidual()).Declined);
    }

    [Fact]
    public void Declines_a_second_residual_and_a_residual_after_an_activation()
    {
        Value a = graph.Add("Add", new BinaryAttributes(), graph.Conv(x, 4, 3), x);
        a = graph.Add("Add", new BinaryAttributes(), a, x);
        Value b = graph.Add("Relu", new UnaryAttributes<Relu>(default), graph.Conv(x, 4, 3));
        graph.Output(a, graph.Add("Add", new BinaryAttributes(), b, x));
        graph.Run(new FuseActivation());
        PassReport report = graph.Run(new FuseResidual());
        Assert.Equal(["Add2: Conv0 (Conv) adds 'x' already", "Add5: Conv3 (Conv) ends in Relu"], report.Declined);
        Assert.Equal("Conv Add Conv Add", graph.Ops);
    }

    [Fact]
    public void Adding_a_value_to_itself_is_no_residual()
    {
        Value a = graph.Conv(x, 4, 3);
        graph.Output(graph.Add("Add", new BinaryAttributes(), a, a));
        Assert.Single(graph.Run(new FuseResidual()).Declined);
    }
}
