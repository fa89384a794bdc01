using HybridConv.Graphs;
using HybridConv.Ops.BatchNormalization;
using HybridConv.Ops.Conv;
using HybridConv.Ops.ConvTranspose;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Gemm;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class FoldBatchNormalizationTests
{
    private readonly SmallGraph graph = new();
    private readonly Value x;

    public FoldBatchNormalizationTests() => x = graph.Input("x", 2, 4, 5, 5);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_chain_of_scales_and_shifts_disappears(bool bias)
    {
        Value v = graph.Conv(x, 6, 3, bias);
        v = Binary("Mul", v, graph.Constant(6, 1, 1));
        v = Binary("Add", graph.Constant(1, 6, 1, 1), v);
        v = Binary("Sub", v, graph.Constant(1, 1, 1, 1));
        v = Binary("Sub", graph.Scalar(2), v);
        v = Binary("Div", v, graph.Constant(new Shape(6, 1, 1), 1, 2, 3, 4, 5, 6));
        graph.Output(v);
        PassReport report = graph.Run(new FoldBatchNormalization());
        Assert.Equal("Conv", graph.Ops);
        Assert.Equal(5, report.Changes.Count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_batch_normalization_disappears(bool bias)
    {
        graph.Output(Normalize(graph.Conv(x, 6, 3, bias), variance: graph.Constant(new Shape(6), 1, 2, 3, 4, 5, 6)));
        PassReport report = graph.Run(new FoldBatchNormalization());
        Assert.Equal("Conv", graph.Ops);
        Assert.Equal("BatchNormalization1 (BatchNormalization) is in the weights of Conv0 (Conv)", Assert.Single(report.Changes));
    }

    [Fact]
    public void Equal_folds_have_equal_origins_and_others_do_not()
    {
        Value weights = graph.Constant(6, 4, 3, 3), variance = graph.Constant(new Shape(6), 1, 2, 3, 4, 5, 6), scale = graph.Constant(6);
        Value Conv() => graph.Add("Conv", new ConvAttributes(null, null, null, null, 1, AutoPad.NotSet), x, weights);
        graph.Output(Normalize(Conv(), variance, scale), Normalize(Conv(), variance, scale), Normalize(Conv(), variance));
        graph.Run(new FoldBatchNormalization());
        string[] origins = [.. graph.Graph.Nodes.Select(node => node.Input(1).Constant!.Origin)];
        Assert.Equal(origins[0], origins[1]);
        Assert.NotEqual(origins[0], origins[2]);
    }

    [Fact]
    public void Declines_a_variance_that_is_negative()
    {
        graph.Output(Normalize(graph.Conv(x, 2, 3), graph.Constant(new Shape(2), 1, -1)));
        var report = new PassReport("");
        new FoldBatchNormalization().Run(new GraphEditor(graph.Graph), report);
        Assert.Equal("BatchNormalization1: the number of channel 1 is NaN", Assert.Single(report.Declined));
    }

    [Fact]
    public void Groups_of_a_transposed_convolution()
    {
        var attributes = new ConvTransposeAttributes(null, [2, 2], null, null, null, null, 2, AutoPad.NotSet);
        Value v = graph.Add("ConvTranspose", attributes, x, graph.Constant(4, 3, 2, 2));
        graph.Output(Binary("Add", Binary("Mul", v, graph.Constant(6, 1, 1)), graph.Constant(6, 1, 1)));
        graph.Run(new FoldBatchNormalization());
        Assert.Equal("ConvTranspose", graph.Ops);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Columns_of_a_product(bool transposed)
    {
        Value weights = transposed ? graph.Constant(3, 5) : graph.Constant(5, 3);
        Value v = graph.Add("Gemm", new GemmAttributes(0.5f, 1, false, transposed), graph.Input("a", 2, 5), weights, graph.Constant(1, 3));
        graph.Output(Binary("Add", Binary("Mul", v, graph.Constant(3)), graph.Constant(3)));
        graph.Run(new FoldBatchNormalization());
        Assert.Equal("Gemm", graph.Ops);
    }

    [Fact]
    public void Declines_a_result_with_other_readers()
    {
        Value v = graph.Conv(x, 6, 3);
        graph.Output(Binary("Mul", v, graph.Constant(6, 1, 1)), Binary("Mul", v, graph.Constant(6, 1, 1)));
        Assert.Equal(2, graph.Run(new FoldBatchNormalization()).Declined.Count);
    }

    [Fact]
    public void Declines_numbers_that_are_not_finite()
    {
        graph.Output(Binary("Div", graph.Conv(x, 2, 3), graph.Constant(new Shape(2, 1, 1), 1, 0)));
        Assert.Equal("Div1: the number of channel 1 is ∞", Assert.Single(graph.Run(new FoldBatchNormalization()).Declined).Replace("Infinity", "∞"));
    }

    [Fact]
    public void Declines_weights_that_are_data()
    {
        Value v = graph.Add("Conv", new ConvAttributes(null, null, null, null, 1, AutoPad.NotSet), x, graph.Input("w", 2, 4, 3, 3));
        graph.Output(Binary("Mul", v, graph.Constant(2, 1, 1)));
        Assert.Equal("Mul1: the weights of Conv0 (Conv) are not constant", Assert.Single(graph.Run(new FoldBatchNormalization()).Declined));
    }

    [Fact]
    public void Declines_a_convolution_that_ends_in_an_activation()
    {
        Value v = graph.Add("Relu", new UnaryAttributes<Relu>(default), graph.Conv(x, 6, 3));
        graph.Output(Binary("Mul", v, graph.Constant(6, 1, 1)));
        graph.Run(new FuseActivation());
        Assert.Equal("Mul2: Conv0 (Conv) ends in Relu", Assert.Single(graph.Run(new FoldBatchNormalization()).Declined));
    }

    [Fact]
    public void Pixels_and_larger_shapes_are_not_channels()
    {
        Value v = graph.Conv(x, 5, 3);
        graph.Output(Binary("Mul", v, graph.Constant(5)), Binary("Mul", graph.Conv(x, 1, 3), graph.Constant(6, 1, 1)));
        Assert.Empty(graph.Run(new FoldBatchNormalization()).Changes);
    }

    private Value Normalize(Value value, Value variance, Value? scale = null)
    {
        long channels = value.KnownShape[1];
        return graph.Add(
            "BatchNormalization", new BatchNormalizationAttributes(1e-5f, PerElement: false), value, scale ?? graph.Constant(channels), graph.Constant(channels), graph.Constant(channels), variance);
    }

    private Value Binary(string op, Value a, Value b) => graph.Add(op, new BinaryAttributes(), a, b);
}
