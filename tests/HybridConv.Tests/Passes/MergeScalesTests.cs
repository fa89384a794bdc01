using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class MergeScalesTests
{
    private readonly SmallGraph graph = new();
    private readonly Value x;

    public MergeScalesTests() => x = graph.Input("x", 2, 4, 5, 5);

    [Fact]
    public void A_chain_between_convolutions_is_one_normalization()
    {
        Value v = graph.Add("Relu", new UnaryAttributes<Relu>(default), graph.Conv(x, 6, 3));
        v = Binary("Mul", v, graph.Scalar(0.75f));
        v = Binary("Add", v, graph.Constant(6, 1, 1));
        v = Binary("Sub", graph.Constant(1, 6, 1, 1), v);
        graph.Output(graph.Conv(v, 2, 3));
        PassReport report = graph.Run(new MergeScales());
        Assert.Equal("Conv Relu BatchNormalization Conv", graph.Ops);
        Assert.Equal("Mul2 (Mul), Add3 (Add), Sub4 (Sub) are one scale and shift", Assert.Single(report.Changes));
    }

    [Fact]
    public void Numbers_without_channels_stay()
    {
        graph.Output(Binary("Add", Binary("Mul", x, graph.Scalar(2)), graph.Scalar(1)));
        Assert.Equal("Add1: no operator before or after the chain has channels", Assert.Single(graph.Run(new MergeScales()).Declined));
    }

    [Fact]
    public void What_is_read_between_stays()
    {
        Value v = Binary("Mul", x, graph.Scalar(2));
        graph.Output(graph.Conv(Binary("Add", v, graph.Scalar(1)), 2, 3), v);
        graph.Run(new MergeScales());
        Assert.Equal("Mul Add Conv", graph.Ops);
    }

    private Value Binary(string op, Value a, Value b) => graph.Add(op, new BinaryAttributes(), a, b);
}
