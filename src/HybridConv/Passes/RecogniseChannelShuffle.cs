using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.ChannelShuffle;
using HybridConv.Ops.Transpose;

namespace HybridConv.Passes;

/// <summary>
/// Finds ShuffleNet's channel shuffle, written as Reshape [N,C,...] to [N,G,C/G,...], Transpose of axes 1 and 2, and Reshape back, and makes one node of it, which,
/// unlike the three, works on reordered axes.
/// </summary>
internal sealed class RecogniseChannelShuffle : IPass
{
    public string Name => "recognise-channel-shuffle";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node transpose in graph.Nodes)
        {
            if (transpose.Op is not TransposeOp || transpose.Input(0).Producer is not Node cut || !Layouts.IsReshape(cut))
                continue;
            if (CutAxis(cut.Input(0).KnownShape, transpose.Input(0).KnownShape) is not int axis || !Swaps(transpose, axis))
                continue;
            if (graph.SoleReader(cut.Output) is null)
                report.Decline(transpose, $"'{cut.Output.Name}' has other readers");
            else if (graph.SoleReader(transpose.Output) is not Node join || !Layouts.IsReshape(join) || join.Output.KnownShape != cut.Input(0).KnownShape)
                report.Decline(transpose, $"'{transpose.Output.Name}' is not only reshaped back to {cut.Input(0).KnownShape}");
            else
            {
                long groups = transpose.Input(0).KnownShape[axis];
                foreach (Node node in (ReadOnlySpan<Node>)[join, transpose, cut])
                    graph.Remove(node);
                graph.Add(new Node(transpose.Name, OpTable.Get<ChannelShuffleOp>(), new ChannelShuffleAttributes(axis, groups), [cut.Input(0)], [join.Output]));
                report.Change($"{cut}, {transpose} and {join} shuffle {groups} groups of axis {axis}");
            }
        }
    }

    /// <summary>The only axis of a shape that the other shape has cut in two; null when that is not all the difference.</summary>
    private static int? CutAxis(Shape whole, Shape cut)
    {
        if (cut.Rank != whole.Rank + 1)
            return null;
        int axis = 0;
        while (axis < whole.Rank - 1 && whole[axis] == cut[axis])
            axis++;
        return whole[axis] == cut[axis] * cut[axis + 1] && whole.Dims[(axis + 1)..].SequenceEqual(cut.Dims[(axis + 2)..]) ? axis : null;
    }

    private static bool Swaps(Node transpose, int axis)
    {
        int[] permutation = [.. ((TransposeAttributes)transpose.Attributes).Permutation!];
        (permutation[axis], permutation[axis + 1]) = (permutation[axis + 1], permutation[axis]);
        return Layouts.IsIdentity(permutation);
    }
}
