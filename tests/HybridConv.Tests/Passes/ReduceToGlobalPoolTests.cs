using HybridConv.Graphs;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Lrn;
using HybridConv.Ops.Pool;
using HybridConv.Ops.Reduce;
using HybridConv.Ops.Transpose;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class ReduceToGlobalPoolTests
{
    private readonly SmallGraph graph = new();

    [Theory]
    [InlineData("ReduceMean", "GlobalAveragePool", 3)]
    [InlineData("ReduceMean", "GlobalAveragePool", 4)]
    [InlineData("ReduceMean", "GlobalAveragePool", 5)]
    [InlineData("ReduceMax", "GlobalMaxPool", 4)]
    public void A_reduction_of_all_pixels_is_a_global_pool(string reduction, string pool, int rank)
    {
        Value image = Image(rank);
        graph.Output(Reduce(reduction, image, keepDims: true, [.. Enumerable.Range(2, rank - 2)]));
        PassReport report = graph.Run(new ReduceToGlobalPool());
        Assert.Equal($"MaxPool {pool}", graph.Ops);
        Assert.Equal($"{reduction}1 ({reduction}) is {pool} of 'maxpool0'", Assert.Single(report.Changes));
    }

    [Fact]
    public void Axes_may_come_in_any_order_and_count_from_the_end()
    {
        Value image = Image(4);
        graph.Output(Reduce("ReduceMean", image, true, 3, 2), Reduce("ReduceMean", image, true, -1, -2));
        graph.Run(new ReduceToGlobalPool());
        Assert.Equal("MaxPool GlobalAveragePool GlobalAveragePool", graph.Ops);
    }

    [Fact]
    public void Axes_that_are_dropped_are_dropped_afterwards()
    {
        graph.Output(Reduce("ReduceMean", Image(4), keepDims: false, 2, 3));
        graph.Run(new ReduceToGlobalPool());
        Assert.Equal("MaxPool GlobalAveragePool Reshape", graph.Ops);
    }

    [Fact]
    public void An_image_stays_one_through_what_leaves_its_axes_alone()
    {
        Value image = Image(4);
        Value scaled = graph.Add("Mul", new BinaryAttributes(), graph.Add("Relu", new UnaryAttributes<Relu>(default), image), graph.Constant(4, 1, 1));
        Value turned = graph.Add("Transpose", new TransposeAttributes([0, 2, 3, 1]), image);
        graph.Output(Reduce("ReduceMean", scaled, true, 2, 3), Reduce("ReduceMean", turned, true, 2, 3));
        PassReport report = graph.Run(new ReduceToGlobalPool());
        Assert.Equal("MaxPool Relu Mul Transpose ReduceMean GlobalAveragePool", graph.Ops);
        Assert.Equal("ReduceMean5: no operator with channels leads to 'transpose3'", Assert.Single(report.Declined));
    }

    [Fact]
    public void Other_axes_are_no_pixels()
    {
        Value image = Image(4);
        graph.Output(
            Reduce("ReduceMean", image, true, 1, 2),
            Reduce("ReduceMean", image, true, 3),
            Reduce("ReduceMean", image, true, 1, 2, 3),
            Reduce("ReduceSum", image, true, 2, 3));
        PassReport report = graph.Run(new ReduceToGlobalPool());
        Assert.Empty(report.Changes);
        Assert.Empty(report.Declined);
    }

    [Fact]
    public void Declines_what_is_no_image()
    {
        graph.Output(Reduce("ReduceMean", graph.Input("tokens", 2, 7, 16), true, 2));
        Assert.Equal("ReduceMean0: no operator with channels leads to 'tokens'", Assert.Single(graph.Run(new ReduceToGlobalPool()).Declined));
        Assert.Equal("ReduceMean", graph.Ops);
    }

    [Fact]
    public void Declines_an_image_without_pixels()
    {
        graph.Output(Reduce("ReduceMean", graph.Add("LRN", new LrnAttributes(3, 1, 1, 1), graph.Input("x", 2, 4, 0, 3)), true, 2, 3));
        Assert.Equal("ReduceMean1: 'lrn0' has no pixels: its mean is NaN, its pool 0", Assert.Single(graph.Run(new ReduceToGlobalPool()).Declined));
    }

    [Theory]
    [InlineData(0, 4), InlineData(2, 0)]
    public void No_images_and_no_channels_are_pooled_to_none(long images, long channels)
    {
        graph.Output(Reduce("ReduceMean", graph.Add("LRN", new LrnAttributes(3, 1, 1, 1), graph.Input("x", images, channels, 5, 3)), true, 2, 3));
        graph.Run(new ReduceToGlobalPool());
        Assert.Equal("LRN GlobalAveragePool", graph.Ops);
    }

    /// <summary>What a pool makes of an input.</summary>
    private Value Image(int rank)
    {
        long[] ones = new long[rank - 2];
        ones.AsSpan().Fill(1);
        long[] dims = [2, 4, 5, 7, 3];
        return graph.Add("MaxPool", new PoolAttributes(ones, null, null, null, AutoPad.NotSet, CeilMode: false), graph.Input("x", dims[..rank]));
    }

    private Value Reduce(string op, Value value, bool keepDims, params long[] axes) =>
        graph.Add(op, new ReduceAttributes(axes, keepDims, NoneMeansNone: true), value);
}
