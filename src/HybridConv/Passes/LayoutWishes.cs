using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Transpose;

namespace HybridConv.Passes;

/// <summary>In which layout the readers of a value would like to have it, as far as they care, and how many of them: found in one walk from the outputs backwards.</summary>
internal sealed class LayoutWishes
{
    private readonly Dictionary<Value, (int[] Layout, int Readers)> wishes = [];

    public LayoutWishes(GraphEditor graph)
    {
        foreach (Node node in graph.NodesBackwards)
        {
            if (node.Outputs.Count == 0 || node.OptionalInput(0) is not Value input)
                continue;
            int[]? wish = node.Outputs.Select(Of).FirstOrDefault(found => found is not null);
            if (node.Op is TransposeOp)
            {
                int[] permutation = ((TransposeAttributes)node.Attributes).Permutation!;
                Add(input, wish is null ? permutation : Axes.Compose(permutation, wish));
            }
            else if (node.Op.ToChannelsLast(node) is not null)
                Add(input, MoveToChannelsLast.ChannelsLast(input.KnownShape.Rank));
            else if (wish is not null && node.Op.Permute(node, wish) is not null)
            {
                foreach (Value? operand in node.Inputs)
                    if (operand is { IsConstant: false } && operand.KnownShape.Rank == wish.Length)
                        Add(operand, wish);
            }
        }
    }

    /// <summary>Null where nobody cares. Where readers differ, the first one in order counts.</summary>
    public int[]? Of(Value value) => wishes.TryGetValue(value, out (int[] Layout, int Readers) wish) ? wish.Layout : null;

    /// <summary>How many readers would like the value in that layout.</summary>
    public int Count(Value value, ReadOnlySpan<int> layout) =>
        wishes.TryGetValue(value, out (int[] Layout, int Readers) wish) && layout.SequenceEqual(wish.Layout) ? wish.Readers : 0;

    private void Add(Value value, int[] layout) => wishes[value] = (layout, Count(value, layout) + 1);
}
