using HybridConv.Graphs;
using HybridConv.Ops.Concat;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Identity;
using HybridConv.Ops.Pool;
using HybridConv.Ops.Reduce;
using HybridConv.Ops.Reshape;
using HybridConv.Ops.Slice;
using HybridConv.Ops.Transpose;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class MoveToChannelsLastTests
{
    private static readonly int[] ToLast = [0, 2, 3, 1], ToFirst = [0, 3, 1, 2];

    private static PoolAttributes Pool(int rank = 4) => new(
        [.. Enumerable.Repeat(2L, rank - 2)], null, null, null, AutoPad.NotSet, CeilMode: false);

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Only_the_edges_keep_transposes(int rank)
    {
        var graph = new SmallGraph();
        long[] dims = [2, 3, 7, 8, 9];
        Value v = graph.Input("x", dims[..rank]);
        v = graph.Add("MaxPool", Pool(rank), v);
        v = graph.Add("Identity", new IdentityAttributes(), v);
        v = graph.Add("AveragePool", Pool(rank), v);
        graph.Output(graph.Add("Concat", new ConcatAttributes(1), v, v));
        PassReport report = graph.Run(new MoveToChannelsLast());
        Assert.Equal("Transpose MaxPool Identity AveragePool Concat Transpose", graph.Ops);
        Assert.Equal("2 operators work channels-last: 0 transposes found, 4 inserted, 2 cancelled, 2 remain", Assert.Single(report.Changes));
    }

    [Fact]
    public void A_graph_that_is_channels_last_at_its_edges_has_none()
    {
        var graph = new SmallGraph();
        Value v = graph.Add("Transpose", new TransposeAttributes(ToFirst), graph.Input("x", 1, 8, 9, 3));
        v = graph.Add("MaxPool", Pool(), v);
        graph.Output(graph.Add("Transpose", new TransposeAttributes(ToLast), v));
        graph.Run(new MoveToChannelsLast());
        Assert.Equal("MaxPool", graph.Ops);
    }

    [Fact]
    public void Weights_that_are_computed_keep_their_declared_order()
    {
        var graph = new SmallGraph();
        Value weights = graph.Add("Transpose", new TransposeAttributes([3, 2, 0, 1]), graph.Input("w", 3, 3, 4, 5));
        graph.Output(graph.Add("Conv", new ConvAttributes(null, null, null, null, 1, AutoPad.SameUpper), graph.Input("x", 1, 4, 6, 6), weights));
        graph.Run(new MoveToChannelsLast());
        Assert.Equal("Transpose Transpose Conv Transpose", graph.Ops);
    }

    [Fact]
    public void One_transpose_serves_all_readers()
    {
        var graph = new SmallGraph();
        Value x = graph.Input("x", 1, 3, 8, 9);
        Value a = graph.Add("MaxPool", Pool(), x), b = graph.Add("AveragePool", Pool(), graph.Add("Identity", new IdentityAttributes(), x));
        graph.Output(graph.Add("Concat", new ConcatAttributes(1), a, b));
        graph.Run(new MoveToChannelsLast());
        Assert.Equal("Transpose MaxPool Identity AveragePool Concat Transpose", graph.Ops);
    }

    [Fact]
    public void Slices_of_one_image_share_its_transpose()
    {
        var graph = new SmallGraph();
        Value x = graph.Input("x", 1, 3, 8, 10);
        Value Slice(long start) => graph.Add("Slice", new SliceAttributes([start], [8], [2], [2]), x);
        graph.Output(graph.Add("MaxPool", Pool(), graph.Add("Concat", new ConcatAttributes(1), Slice(0), Slice(1))));
        graph.Run(new MoveToChannelsLast());
        Assert.Equal("Transpose Slice Slice Concat MaxPool Transpose", graph.Ops);
    }

    [Fact]
    public void Axes_of_size_one_are_reshaped()
    {
        var graph = new SmallGraph();
        Value v = graph.Add("MaxPool", Pool(), graph.Input("x", 1, 1, 8, 9));
        graph.Output(graph.Add("Flatten", new FlattenAttributes(1), v));
        graph.Run(new MoveToChannelsLast());
        Assert.Equal("Reshape MaxPool Reshape", graph.Ops);
    }

    [Fact]
    public void A_reshape_that_merges_pixels_is_passed()
    {
        var graph = new SmallGraph();
        Value v = graph.Add("MaxPool", Pool(), graph.Input("x", 2, 3, 8, 9));
        v = graph.Add("Reshape", new ReshapeAttributes([2, 3, -1]), v);
        graph.Output(graph.Add("Transpose", new TransposeAttributes([0, 2, 1]), v));
        graph.Run(new MoveToChannelsLast());
        Assert.Equal("Transpose MaxPool Reshape", graph.Ops);
    }

    [Fact]
    public void A_reshape_that_merges_channels_and_pixels_needs_the_declared_order()
    {
        var graph = new SmallGraph();
        Value v = graph.Add("MaxPool", Pool(), graph.Input("x", 2, 3, 8, 9));
        graph.Output(graph.Add("Flatten", new FlattenAttributes(1), v));
        PassReport report = graph.Run(new MoveToChannelsLast());
        Assert.Equal("Transpose MaxPool Transpose Reshape", graph.Ops);
        Assert.Equal(2, report.Declined.Count);
    }

    [Fact]
    public void Intermediate_outputs_are_written_as_declared()
    {
        var graph = new SmallGraph();
        Value a = graph.Add("MaxPool", Pool(), graph.Input("x", 2, 3, 8, 9));
        Value b = graph.Add("Transpose", new TransposeAttributes(ToLast), a);
        Value c = graph.Add("MaxPool", Pool(), a);
        graph.Output(a, b, c);
        graph.Run(new MoveToChannelsLast());
        Assert.Equal(3, graph.Graph.Nodes.Count(node => node.Op is TransposeOp));
    }

    [Fact]
    public void Two_outputs_of_equal_data_are_both_written()
    {
        var graph = new SmallGraph();
        Value v = graph.Add("MaxPool", Pool(), graph.Input("x", 2, 3, 8, 9));
        Value a = graph.Add("Transpose", new TransposeAttributes(ToLast), v), b = graph.Add("Transpose", new TransposeAttributes(ToLast), v);
        graph.Output(a, b, v);
        graph.Run(new MoveToChannelsLast());
        Assert.Equal(["Identity", "MaxPool", "Transpose", "Transpose"], graph.Graph.Nodes.Select(node => node.Op.Name).Order());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_mean_over_pixels_is_taken_where_they_are(bool keep)
    {
        var graph = new SmallGraph();
        Value v = graph.Add("MaxPool", Pool(), graph.Input("x", 2, 3, 8, 9));
        graph.Output(graph.Add("ReduceMean", new ReduceAttributes([2, 3], keep, NoneMeansNone: true), v));
        graph.Run(new MoveToChannelsLast());
        Assert.Equal("Transpose MaxPool ReduceMean Reshape", graph.Ops);
    }

    [Fact]
    public void Operands_of_lower_rank_are_given_their_axes()
    {
        var graph = new SmallGraph();
        Value v = graph.Add("MaxPool", Pool(), graph.Input("x", 2, 3, 8, 9));
        v = graph.Add("Mul", new BinaryAttributes(), graph.Constant(3, 1, 1), v);
        v = graph.Add("Add", new BinaryAttributes(), v, graph.Scalar(1));
        v = graph.Add("Sub", new BinaryAttributes(), v, graph.Input("row", 8));
        graph.Output(v);
        PassReport report = graph.Run(new MoveToChannelsLast());
        graph.Run(new RemoveDeadCode());
        Assert.Equal("Transpose MaxPool Mul Add Reshape Sub Transpose", graph.Ops);
        Assert.Equal(2, report.Declined.Count);
    }

    [Fact]
    public void A_tensor_that_would_have_to_be_moved_for_a_smaller_one_stays()
    {
        var graph = new SmallGraph();
        Value v = graph.Add("AveragePool", Pool(), graph.Input("x", 1, 3, 2, 2));
        graph.Output(graph.Add("Mul", new BinaryAttributes(), v, graph.Input("y", 8, 3, 4, 5)));
        graph.Run(new MoveToChannelsLast());
        Assert.Equal("Transpose AveragePool Reshape Mul", graph.Ops);
    }

    [Fact]
    public void Running_again_changes_nothing()
    {
        var graph = new SmallGraph();
        Value v = graph.Add("MaxPool", Pool(), graph.Input("x", 2, 3, 8, 9));
        graph.Output(graph.Add("AveragePool", Pool(), v));
        graph.Run(new MoveToChannelsLast());
        string once = graph.Ops;
        graph.Run(new MoveToChannelsLast());
        Assert.Equal(once, graph.Ops);
    }

    [Fact]
    public void A_reshape_is_found_by_its_runs()
    {
        // [N,H,W,C] seen as [N,C,H,W], reshaped to [N,2,C/2,HW].
        (Shape shape, int[] permutation) = ReshapeThroughTranspose.Find(new Shape(2, 6, 4, 5), ToFirst, new Shape(2, 2, 3, 20))!.Value;
        Assert.Equal(new Shape(2, 20, 2, 3), shape);
        Assert.Equal([0, 2, 3, 1], permutation);
        Assert.Null(ReshapeThroughTranspose.Find(new Shape(2, 6, 4, 5), ToFirst, new Shape(2, 24, 5)));
    }
}
