using HybridConv.Graphs;
using HybridConv.Ops.BatchNormalization;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Elementwise;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class FoldIntoNextConvolutionTests
{
    private readonly SmallGraph graph = new();
    private readonly Value x;

    public FoldIntoNextConvolutionTests() => x = graph.Input("x", 2, 4, 5, 5);

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    [InlineData(4, true)]
    public void A_chain_before_a_convolution_without_pads_disappears(long groups, bool bias)
    {
        Value v = Binary("Sub", x, graph.Constant(4, 1, 1));
        v = Binary("Div", v, graph.Scalar(4));
        graph.Output(Conv(Binary("Add", v, graph.Constant(1, 4, 1, 1)), groups, pad: 0, bias));
        PassReport report = graph.Run(new FoldIntoNextConvolution());
        Assert.Equal("Conv", graph.Ops);
        Assert.Equal(3, report.Changes.Count);
    }

    [Fact]
    public void A_batch_normalization_disappears()
    {
        Value v = graph.Add("BatchNormalization", new BatchNormalizationAttributes(1e-5f, PerElement: false),
            x, graph.Constant(4), graph.Constant(4), graph.Constant(4), graph.Constant(new Shape(4), 1, 2, 3, 4));
        graph.Output(Conv(v, 1, pad: 0, bias: true));
        graph.Run(new FoldIntoNextConvolution());
        Assert.Equal("Conv", graph.Ops);
    }

    [Fact]
    public void Pads_allow_a_scale_and_no_shift()
    {
        graph.Output(
            Conv(Binary("Mul", x, graph.Constant(4, 1, 1)), 1, pad: 1, bias: true),
            Conv(Binary("Add", x, graph.Constant(4, 1, 1)), 1, pad: 1, bias: true));
        Assert.Equal("Add2: Conv3 (Conv) pads with zeros after the addition", Assert.Single(graph.Run(new FoldIntoNextConvolution()).Declined));
        Assert.Equal("Conv Add Conv", graph.Ops);
    }

    [Fact]
    public void What_others_read_stays()
    {
        Value v = Binary("Mul", x, graph.Constant(4, 1, 1));
        graph.Output(Conv(v, 1, pad: 0, bias: true), v);
        graph.Run(new FoldIntoNextConvolution());
        Assert.Equal("Mul Conv", graph.Ops);
    }

    [Fact]
    public void Declines_weights_that_are_data()
    {
        Value v = Binary("Mul", x, graph.Constant(4, 1, 1));
        graph.Output(graph.Add("Conv", new ConvAttributes(null, null, null, null, 1, AutoPad.NotSet), v, graph.Input("w", 2, 4, 3, 3)));
        Assert.Single(graph.Run(new FoldIntoNextConvolution()).Declined);
    }

    private Value Binary(string op, Value a, Value b) => graph.Add(op, new BinaryAttributes(), a, b);

    private Value Conv(Value value, long groups, long pad, bool bias) => graph.Add(
        "Conv", new ConvAttributes(null, null, null, [pad, pad, pad, pad], groups, AutoPad.NotSet), value, graph.Constant(8, 4 / groups, 3, 3), bias ? graph.Constant(8) : null);
}
