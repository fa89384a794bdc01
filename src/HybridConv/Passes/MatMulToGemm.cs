using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Gemm;
using HybridConv.Ops.MatMul;
using HybridConv.Ops.Reshape;

namespace HybridConv.Passes;

/// <summary>
/// Makes a Gemm of a MatMul with a constant matrix, together with an Add of one constant per column after it, which a Gemm starts its sums from. A batch of
/// matrices that meets such an Add is seen as one tall matrix.
/// </summary>
internal sealed class MatMulToGemm : IPass
{
    public string Name => "matmul-to-gemm";
    public bool PreservesBits => false;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node product in graph.Nodes)
        {
            if (product.Op is not MatMulOp || product.Inputs.Count != 2)
                continue;
            Value a = product.Input(0), b = product.Input(1);
            if (!b.IsConstant || b.KnownShape.Rank != 2 || a.KnownShape.Rank < 2)
                report.Decline(product, $"{b} is not one constant matrix for the rows of {a}");
            else if (graph.SoleReader(product.Output) is Node add && Bias(add, product.Output) is Tensor bias)
            {
                graph.Remove(product);
                graph.Remove(add);
                AddGemm(graph, product, graph.NewConstant($"{add.Output.Name}/bias", bias), add.Output);
                report.Change($"{product} and {add} are one Gemm");
            }
            else if (a.KnownShape.Rank == 2)
            {
                graph.Remove(product);
                AddGemm(graph, product, null, product.Output);
                report.Change($"{product} is a Gemm");
            }
        }
    }

    private static void AddGemm(GraphEditor graph, Node product, Value? bias, Value output)
    {
        Value a = product.Input(0), b = product.Input(1);
        Shape shape = a.KnownShape;
        Value rows = a, result = output;
        if (shape.Rank > 2)
        {
            long count = shape.Product(0, shape.Rank - 1);
            rows = graph.NewValue($"{output.Name}/rows", a.Type, new Shape(count, shape[-1]));
            result = graph.NewValue($"{output.Name}/product", output.Type, new Shape(count, b.KnownShape[1]));
            AddReshape(graph, a, rows);
            AddReshape(graph, result, output);
        }
        graph.Add(new Node(product.Name, OpTable.Get<GemmOp>(), new GemmAttributes(1, 1, false, false), bias is null ? [rows, b] : [rows, b, bias], [result]));
    }

    private static void AddReshape(GraphEditor graph, Value from, Value to) =>
        graph.Add(new Node(to.Name, OpTable.Get<ReshapeOp>(), ReshapeAttributes.To(to.KnownShape), [from], [to]));

    /// <summary>The constant that an Add has for every column of <paramref name="product"/>, as a vector; null when it adds something else.</summary>
    private static Tensor? Bias(Node add, Value product)
    {
        if (add.Op is not BinaryOp<Add> || add.Output.KnownShape != product.KnownShape)
            return null;
        Tensor? other = add.Input(add.Input(0) == product ? 1 : 0).Constant;
        long columns = product.KnownShape[-1];
        return other?.Shape is { Rank: > 0 } shape && shape.Elements == columns && shape[-1] == columns ? other.Reshaped(new Shape(columns)) : null;
    }
}
