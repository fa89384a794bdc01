using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Gemm;
using HybridConv.Ops.Transpose;

namespace HybridConv.Passes;

/// <summary>
/// Removes a Transpose whose result is flattened and multiplied by constant weights, as between a network's last image and its first fully connected
/// layer: the rows of the weights change places instead.
/// </summary>
internal sealed class FoldTransposeIntoWeights : IPass
{
    public string Name => "fold-transpose-into-weights";
    public bool PreservesBits => false;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node gemm in graph.Nodes)
        {
            if (gemm.Op is not GemmOp || gemm.Input(0).Producer is not Node flatten || !Layouts.IsReshape(flatten))
                continue;
            if (flatten.Input(0).Producer is not { Op: TransposeOp } transpose)
                continue;
            var attributes = (GemmAttributes)gemm.Attributes;
            Shape image = flatten.Input(0).KnownShape, rows = gemm.Input(0).KnownShape;
            int[] permutation = ((TransposeAttributes)transpose.Attributes).Permutation!;
            if (attributes.TransA || !gemm.Input(1).IsConstant)
                report.Decline(transpose, $"the weights of {gemm} are not constant rows");
            else if (permutation[0] != 0 || image[0] != rows[0])
                report.Decline(transpose, $"{flatten} makes {rows} of {image}: a row is not one image");
            else if (graph.SoleReader(gemm.Input(0)) is null)
                report.Decline(transpose, $"'{gemm.Input(0).Name}' has other readers");
            else
            {
                Value weights = gemm.Input(1), flat = graph.NewValue($"{gemm.Input(0).Name}/stored", gemm.Input(0).Type, rows);
                new Layouts(graph).Reshape(transpose.Input(0), flat, flatten.Name);
                graph.SetInput(gemm, 0, flat);
                graph.SetInput(gemm, 1, graph.NewConstant($"{weights.Name}/reordered", Reordered(weights.Constant!, image, permutation, attributes.TransB)));
                report.Change($"the weights of {gemm} have their rows in the order of {transpose}'s input");
            }
        }
    }

    /// <summary>The weights of a flattened image, as those of the flattened image before its transpose.</summary>
    private static Tensor Reordered(Tensor weights, Shape image, int[] permutation, bool outputsFirst)
    {
        int axes = image.Rank - 1;
        int[] inverse = [.. Axes.Inverse(permutation).Skip(1).Select(axis => axis - 1)];
        ReadOnlySpan<long> pixel = image.Dims[1..];
        return outputsFirst
            ? weights.Reshaped(new Shape([weights.Shape[0], .. pixel])).Transposed([0, .. inverse.Select(axis => axis + 1)]).Reshaped(weights.Shape)
            : weights.Reshaped(new Shape([.. pixel, weights.Shape[1]])).Transposed([.. inverse, axes]).Reshaped(weights.Shape);
    }
}
