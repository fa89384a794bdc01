using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Transpose;

namespace HybridConv.Passes;

/// <summary>In which layout the readers of a value would like to have it, as far as they care: found in one walk from the outputs backwards.</summary>
internal static class LayoutWishes
{
    /// <summary>Values without an entry are read by nobody who cares. Where readers differ, the first one in order counts.</summary>
    public static Dictionary<Value, int[]> Of(GraphEditor graph)
    {
        var wishes = new Dictionary<Value, int[]>();
        foreach (Node node in graph.NodesBackwards)
        {
            if (node.Outputs.Count == 0 || node.OptionalInput(0) is not Value input)
                continue;
            int[]? wish = node.Outputs.Select(output => wishes.GetValueOrDefault(output)).FirstOrDefault(found => found is not null);
            if (node.Op is TransposeOp)
            {
                int[] permutation = ((TransposeAttributes)node.Attributes).Permutation!;
                wishes[input] = wish is null ? permutation : Axes.Compose(permutation, wish);
            }
            else if (node.Op.ToChannelsLast(node) is not null)
                wishes[input] = MoveToChannelsLast.ChannelsLast(input.KnownShape.Rank);
            else if (wish is not null && node.Op.Permute(node, wish) is not null)
            {
                foreach (Value? operand in node.Inputs)
                    if (operand is { IsConstant: false } && operand.KnownShape.Rank == wish.Length)
                        wishes[operand] = wish;
            }
        }
        return wishes;
    }
}
