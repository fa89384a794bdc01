using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.BatchNormalization;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Elementwise;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class FuseScalingTests
{
    private readonly SmallGraph graph = new();
    private readonly Value x;

    public FuseScalingTests() => x = graph.Input("x", 2, 3, 3, 4);

    [Theory]
    [InlineData(2, true)]
    [InlineData(1, false)]
    public void A_gate_per_channel_is_applied_as_the_convolution_reads(long images, bool gateFirst)
    {
        Value gate = graph.Input("gate", images, 1, 1, 4);
        graph.Output(Conv(gateFirst ? Mul(gate, x) : Mul(x, gate)));
        PassReport report = graph.Run(new FuseScaling());
        Assert.Equal("Conv", graph.Ops);
        Assert.Equal([x, gate], [graph.Graph.Nodes[0].Input(ConvOp.Image), graph.Graph.Nodes[0].Input(ConvOp.Scale)]);
        Assert.Equal("Conv1 (Conv) scales 'x' in place of Mul0 (Mul)", Assert.Single(report.Changes));
    }

    [Fact]
    public void A_normalization_with_its_activation_is_applied_as_the_convolution_reads()
    {
        graph.Output(Conv(Normalize(x, Activation.Relu)));
        graph.Run(new FuseScaling());
        Assert.Equal("Conv", graph.Ops);
        Assert.Equal(Activation.Relu, ((ConvAttributes)graph.Graph.Nodes[0].Attributes).InputActivation);
        Assert.NotNull(graph.Graph.Nodes[0].OptionalInput(ConvOp.Shift));
    }

    [Fact]
    public void Only_the_nearest_of_two_scalings_is_taken_in()
    {
        graph.Output(Conv(Normalize(Mul(x, graph.Input("gate", 2, 1, 1, 4)), default)));
        graph.Run(new FuseScaling());
        Assert.Equal("Mul Conv", graph.Ops);
    }

    [Fact]
    public void Declines_a_scaled_image_with_other_readers()
    {
        Value scaled = Mul(x, graph.Input("gate", 2, 1, 1, 4));
        graph.Output(Conv(scaled), scaled);
        Assert.Equal("Mul0: 'mul0' has other readers than Conv1 (Conv)", Assert.Single(graph.Run(new FuseScaling()).Declined));
    }

    [Fact]
    public void Declines_a_convolution_that_looks_at_neighbours()
    {
        graph.Output(Conv(Mul(x, graph.Input("gate", 2, 1, 1, 4)), k: 3));
        Assert.Equal("Mul0: Conv1 (Conv) is not a pointwise convolution of constant weights, channels-last and without groups", Assert.Single(graph.Run(new FuseScaling()).Declined));
    }

    [Theory]
    [InlineData(new long[] { 2, 3, 3, 4 })]
    [InlineData(new long[] { 2, 3, 1, 4 })]
    [InlineData(new long[] { 2, 1, 1, 1 })]
    public void Products_that_are_no_gate_stay(long[] other)
    {
        graph.Output(Conv(Mul(x, graph.Input("other", other))));
        PassReport report = graph.Run(new FuseScaling());
        Assert.Equal("Mul Conv", graph.Ops);
        Assert.Empty(report.Declined);
    }

    private Value Conv(Value image, long k = 1) => graph.Add(
        "Conv", new ConvAttributes([k, k], null, null, [k / 2, k / 2, k / 2, k / 2], 1, AutoPad.NotSet, ChannelsLast: true), image, graph.Constant(5, 4, k, k), graph.Constant(5));

    private Value Mul(Value a, Value b) => graph.Add("Mul", new BinaryAttributes(), a, b);

    private Value Normalize(Value image, Activation activation) => graph.Add(
        "BatchNormalization", new BatchNormalizationAttributes(1e-5f, PerElement: false, ChannelsLast: true, activation),
        image, graph.Constant(4), graph.Constant(4), graph.Constant(4), graph.Constant(new Shape(4), 0.5f, 1, 2, 3));
}
