using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.MatMul;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class MatMulToGemmTests
{
    private readonly SmallGraph graph = new();

    [Fact]
    public void A_product_and_its_bias_are_one_gemm()
    {
        graph.Output(Add(graph.Constant(1, 3), MatMul(graph.Input("x", 2, 5), graph.Constant(5, 3))));
        graph.Run(new MatMulToGemm());
        Assert.Equal("Gemm", graph.Ops);
        Assert.Equal(3, graph.Graph.Nodes[0].Inputs.Count);
    }

    [Fact]
    public void A_batch_with_a_bias_is_one_tall_matrix()
    {
        graph.Output(Add(MatMul(graph.Input("x", 2, 4, 5), graph.Constant(5, 3)), graph.Constant(3)));
        graph.Run(new MatMulToGemm());
        Assert.Equal("Reshape Gemm Reshape", graph.Ops);
    }

    [Fact]
    public void A_product_without_bias_is_a_gemm()
    {
        graph.Output(MatMul(graph.Input("x", 2, 5), graph.Constant(5, 3)));
        graph.Run(new MatMulToGemm());
        Assert.Equal("Gemm", graph.Ops);
    }

    [Fact]
    public void A_residual_is_no_bias()
    {
        graph.Output(Add(MatMul(graph.Input("x", 2, 5), graph.Constant(5, 3)), graph.Input("y", 2, 3)));
        graph.Run(new MatMulToGemm());
        Assert.Equal("Gemm Add", graph.Ops);
    }

    [Fact]
    public void Declines_products_of_data_and_batches_of_weights()
    {
        graph.Output(MatMul(graph.Input("x", 2, 5), graph.Input("y", 5, 3)), MatMul(graph.Input("z", 2, 4, 5), graph.Constant(2, 5, 3)));
        Assert.Equal(2, graph.Run(new MatMulToGemm()).Declined.Count);
    }

    private Value MatMul(Value a, Value b) => graph.Add("MatMul", new MatMulAttributes(), a, b);

    private Value Add(Value a, Value b) => graph.Add("Add", new BinaryAttributes(), a, b);
}
