using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Elementwise;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class MergeSiblingsTests
{
    private readonly SmallGraph graph = new();
    private readonly Value x;

    public MergeSiblingsTests() => x = graph.Input("x", 2, 4, 3, 5);

    [Fact]
    public void Pointwise_convolutions_of_one_image_become_one_with_an_output_for_each()
    {
        Value a = Conv(x, 6, bias: true), b = Conv(x, 3, bias: false), c = Conv(x, 1, bias: true);
        graph.Output(c, a, Tanh(b));
        PassReport report = graph.Run(new MergeSiblings());
        Assert.Equal("Conv Tanh", graph.Ops);
        Node merged = graph.Graph.Nodes[0];
        Assert.Equal([6L, 3, 1], ((ConvAttributes)merged.Attributes).Parts!);
        Assert.Equal([a, b, c], merged.Outputs);
        Assert.Equal("Conv0 (Conv), Conv1 (Conv), Conv2 (Conv) are one convolution of 'x'", Assert.Single(report.Changes));
    }

    [Fact]
    public void Siblings_without_biases_stay_without()
    {
        graph.Output(Conv(x, 2, bias: false), Conv(x, 3, bias: false));
        graph.Run(new MergeSiblings());
        Assert.Null(Assert.Single(graph.Graph.Nodes).OptionalInput(ConvOp.Bias));
    }

    [Fact]
    public void Convolutions_of_different_images_are_no_siblings()
    {
        graph.Output(Conv(x, 2), Conv(graph.Input("y", 2, 4, 3, 5), 2));
        PassReport report = graph.Run(new MergeSiblings());
        Assert.Equal("Conv Conv", graph.Ops);
        Assert.Empty(report.Declined);
    }

    [Fact]
    public void Declines_another_activation_and_another_stride()
    {
        graph.Output(Conv(x, 2), Conv(x, 2, activation: Activation.Relu), Conv(x, 2, stride: 2));
        PassReport report = graph.Run(new MergeSiblings());
        Assert.Equal("Conv Conv Conv", graph.Ops);
        Assert.Equal(
            [
                "Conv0: no other convolution of 'x' has strides [1,1] and ends in None", "Conv1: no other convolution of 'x' has strides [1,1] and ends in Relu",
                "Conv2: no other convolution of 'x' has strides [2,2] and ends in None",
            ],
            report.Declined);
    }

    [Fact]
    public void Each_form_is_a_convolution_of_its_own()
    {
        graph.Output(Conv(x, 2), Conv(x, 3, activation: Activation.Relu), Conv(x, 4), Conv(x, 5, activation: Activation.Relu));
        graph.Run(new MergeSiblings());
        Assert.Equal([[2L, 4], [3, 5]], graph.Graph.Nodes.Select(node => ((ConvAttributes)node.Attributes).Parts!));
    }

    [Fact]
    public void One_tensor_may_be_the_weights_of_several()
    {
        Value weights = graph.Constant(3, 5, 1, 1);
        graph.Output(
            graph.Add("Conv", Attributes(1, 1), x, weights, graph.Constant(3)),
            graph.Add("Conv", Attributes(1, 1), x, weights));
        graph.Run(new MergeSiblings());
        Assert.Equal("Conv", graph.Ops);
    }

    /// <summary>Packed weights are found by where they come from, and names from files may hold anything.</summary>
    [Fact]
    public void Different_weights_have_different_origins_whatever_their_names()
    {
        string Origin(string first, string second)
        {
            var own = new SmallGraph();
            Value image = own.Input("x", 2, 4, 3, 5);
            Value Named(string name) => Value.Of(Tensor.From(new float[5], new Shape(1, 5, 1, 1), name), name);
            own.Output(own.Add("Conv", Attributes(1, 1), image, Named(first)), own.Add("Conv", Attributes(1, 1), image, Named(second)));
            own.Run(new MergeSiblings());
            return own.Graph.Nodes.Single().Input(ConvOp.Weights).Constant!.Origin;
        }

        Assert.NotEqual(Origin("a, b", "c"), Origin("a", "b, c"));
        Assert.NotEqual(Origin("a1:b", "c"), Origin("a", "b1:c"));
    }

    [Fact]
    public void Convolutions_without_filters_stay()
    {
        graph.Output(Conv(x, 0), Conv(x, 0), Conv(x, 2));
        graph.Run(new MergeSiblings());
        Assert.Equal("Conv Conv Conv", graph.Ops);
    }

    [Fact]
    public void Many_different_siblings_take_linear_time()
    {
        for (int i = 0; i < 5000; i++)
            graph.Output(Conv(x, 1, bias: false, activation: Activation.Clamp(0, 1 + i)));
        var report = PassPipeline.Run(graph.Graph, [new MergeSiblings()]).Single();
        Assert.Equal(5000, report.Declined.Count);
    }

    [Fact]
    public void Leaves_wider_filters_and_residuals_alone()
    {
        Value residual = graph.AddNode("Conv", Attributes(1, 1), 1, x, graph.Constant(4, 5, 1, 1), null, graph.Input("r", 2, 4, 3, 4)).Output;
        graph.Output(Conv(x, 2), Conv(x, 2, k: 3), residual);
        graph.Run(new MergeSiblings());
        Assert.Equal("Conv Conv Conv", graph.Ops);
    }

    private static ConvAttributes Attributes(long k, long stride, Activation activation = default) =>
        new([k, k], [stride, stride], null, [k / 2, k / 2, k / 2, k / 2], 1, AutoPad.NotSet, ChannelsLast: true, activation);

    private Value Conv(Value image, long filters, bool bias = true, long k = 1, long stride = 1, Activation activation = default) =>
        graph.Add("Conv", Attributes(k, stride, activation), image, graph.Constant(filters, image.KnownShape[-1], k, k), bias ? graph.Constant(filters) : null);

    private Value Tanh(Value value) => graph.Add("Tanh", new UnaryAttributes<Tanh>(default), value);
}
