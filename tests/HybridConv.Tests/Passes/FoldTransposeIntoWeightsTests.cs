using HybridConv.Graphs;
using HybridConv.Ops.Gemm;
using HybridConv.Ops.Reshape;
using HybridConv.Ops.Transpose;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class FoldTransposeIntoWeightsTests
{
    private readonly SmallGraph graph = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Rows_of_the_weights_change_places(bool outputsFirst)
    {
        Value v = Transpose(graph.Input("x", 2, 4, 5, 3), 0, 3, 1, 2);
        graph.Output(Gemm(Flatten(v), outputsFirst ? graph.Constant(7, 60) : graph.Constant(60, 7), outputsFirst));
        graph.Run(new FoldTransposeIntoWeights());
        graph.Run(new RemoveDeadCode());
        Assert.Equal("Reshape Gemm", graph.Ops);
    }

    [Fact]
    public void Equal_weights_in_equal_order_have_equal_origins()
    {
        Value v = Transpose(graph.Input("x", 2, 4, 5, 3), 0, 3, 1, 2), weights = graph.Constant(60, 7);
        graph.Output(Gemm(Flatten(v), weights, false), Gemm(Flatten(v), weights, false));
        graph.Run(new FoldTransposeIntoWeights());
        string[] origins = [.. graph.Graph.Nodes.Where(node => node.Op is GemmOp).Select(node => node.Input(1).Constant!.Origin)];
        Assert.Equal(2, origins.Length);
        Assert.Equal(origins[0], origins[1]);
    }

    [Fact]
    public void Declines_where_a_row_is_not_one_image()
    {
        Value v = graph.Add("Reshape", new ReshapeAttributes([4, 30]), Transpose(graph.Input("x", 2, 4, 5, 3), 0, 3, 1, 2));
        graph.Output(Gemm(v, graph.Constant(30, 7), false));
        Assert.Single(graph.Run(new FoldTransposeIntoWeights()).Declined);
    }

    [Fact]
    public void Declines_weights_that_are_data()
    {
        Value v = Transpose(graph.Input("x", 2, 4, 5, 3), 0, 3, 1, 2);
        graph.Output(Gemm(Flatten(v), graph.Input("w", 60, 7), false));
        Assert.Single(graph.Run(new FoldTransposeIntoWeights()).Declined);
    }

    private Value Transpose(Value value, params int[] permutation) => graph.Add("Transpose", new TransposeAttributes(permutation), value);

    private Value Flatten(Value value) => graph.Add("Flatten", new FlattenAttributes(1), value);

    private Value Gemm(Value a, Value b, bool transposed) => graph.Add("Gemm", new GemmAttributes(1, 1, false, transposed), a, b);
}
