using HybridConv.Graphs;
using HybridConv.Ops.Concat;
using HybridConv.Ops.Conv;
using HybridConv.Ops.ConvTranspose;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Pool;
using HybridConv.Ops.Split;
using HybridConv.Planning;
using HybridConv.Tests.Passes;
using Xunit;

namespace HybridConv.Tests.Planning;

/// <summary>Small networks in which operands share memory in every way that the planner knows.</summary>
public class PlannedGraphTests
{
    private readonly SmallGraph graph = new();

    /// <summary>Row 0 is a window on the tensor that all three rows are multiplied with: nothing may be written over it before the last row.</summary>
    [Fact]
    public void A_product_is_not_written_over_a_tensor_of_which_the_other_factor_is_a_part()
    {
        Value r = Relu(graph.Input("x", 3, 3));
        Node split = graph.AddNode("Split", new SplitAttributes(0, [1, 2]), 2, r);
        graph.Output(graph.Add("Neg", new UnaryAttributes<Neg>(default), Mul(split.Output, r)));
        PlannedGraph.Check(graph.Graph, threads: 1);
    }

    /// <summary>Filters that another node computes may be joined with others, but are read where they lie one after the other.</summary>
    [Theory]
    [InlineData("Conv")]
    [InlineData("ConvTranspose")]
    public void Computed_filters_are_no_window_on_a_concatenation(string op)
    {
        Value x = graph.Input("x", 1, 3, 5, 4), filters = Relu(graph.Input("filters", 3, 3, 3, 2));
        object attributes = op == "Conv" ? new ConvAttributes(null, null, null, null, 1, AutoPad.NotSet) : new ConvTransposeAttributes(null, null, null, null, null, null, 1, AutoPad.NotSet);
        graph.Output(graph.Add(op, attributes, x, filters), graph.Add("Concat", new ConcatAttributes(3), filters, Relu(graph.Input("others", 3, 3, 3, 4))));
        PlannedGraph.Check(graph.Graph, threads: 1);
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(3, 1, 2)]
    [InlineData(3, 2, 2)]
    public void A_gate_of_each_image_is_applied_to_its_own_pixels(long images, long stride, int threads)
    {
        Value x = graph.Input("x", images, 20, 5, 7);
        Value gate = graph.Add("Sigmoid", new UnaryAttributes<Sigmoid>(default), graph.Conv(graph.Add("GlobalAveragePool", new GlobalPoolAttributes(), x), 20, 1));
        graph.Output(graph.Add("Conv", new ConvAttributes(null, [stride, stride], null, null, 1, AutoPad.NotSet), Mul(x, gate), graph.Constant(33, 20, 1, 1), graph.Constant(33)));
        Assert.Contains(PlannedGraph.Check(graph.Graph, threads), step => step.Node.OptionalInput(ConvOp.Scale) is not null && step.Kernel.StartsWith("conv.pointwise", StringComparison.Ordinal));
    }

    /// <summary>One sibling's channels lie in a concatenation, one is an output of the graph, one is read again.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Siblings_store_their_results_where_each_is_wanted(int threads)
    {
        Value x = graph.Input("x", 2, 12, 6, 5), a = Relu(graph.Conv(x, 19, 1)), b = Relu(graph.Conv(x, 7, 1)), c = Relu(graph.Conv(x, 40, 1));
        Value joined = graph.Add("Concat", new ConcatAttributes(1), Relu(graph.Conv(c, 9, 3)), a, graph.Add("MaxPool", Around, x));
        graph.Output(joined, b);
        Assert.Contains(PlannedGraph.Check(graph.Graph, threads), step => step.Node.Outputs.Count == 3 && step.Kernel.StartsWith("conv.pointwise", StringComparison.Ordinal));
    }

    /// <summary>Lines of a strided convolution that hold more than the cache does are scaled in pieces.</summary>
    [Fact]
    public void Long_lines_are_scaled_in_pieces()
    {
        Value x = graph.Input("x", 2, 40, 7000), gate = graph.Input("gate", 2, 40, 1);
        graph.Output(graph.Add("Conv", new ConvAttributes(null, [2], null, null, 1, AutoPad.NotSet), Mul(x, gate), graph.Constant(9, 40, 1)));
        Step conv = PlannedGraph.Check(graph.Graph, threads: 2).Single(step => step.Node.Op is ConvOp);
        Assert.NotNull(conv.Node.OptionalInput(ConvOp.Scale));
    }

    private static PoolAttributes Around => new([3, 3], null, null, [1, 1, 1, 1], AutoPad.NotSet, CeilMode: false);

    private Value Mul(Value a, Value b) => graph.Add("Mul", new BinaryAttributes(), a, b);

    private Value Relu(Value value) => graph.Add("Relu", new UnaryAttributes<Relu>(default), value);
}
