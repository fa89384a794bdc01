using HybridConv.Graphs;

namespace HybridConv.Cli;

/// <summary>Counts what a network has learned, as papers count it.</summary>
internal static class Parameters
{
    /// <summary>
    /// Elements of all constant floating-point tensors that nodes read, each tensor once. Scalars (bounds, paddings) and batch normalisation's
    /// running mean and variance, which are measured and not learned, do not count.
    /// </summary>
    public static long Count(Graph graph)
    {
        var counted = new HashSet<Value>();
        foreach (Node node in graph.Nodes)
            for (int i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] is { Constant: { Shape.Rank: > 0 } constant } value && constant.Type.IsFloat() && !(node.Op.Name == "BatchNormalization" && i >= 3))
                    counted.Add(value);
        return counted.Sum(value => value.Constant!.Shape.Elements);
    }
}
