using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Gather;
using HybridConv.Ops.Reshape;
using HybridConv.Ops.Slice;

namespace HybridConv.Passes;

/// <summary>
/// A Gather of evenly spaced known positions is a Slice, which can be a view: x[:, 0], x[:, [2, 1, 0]]. A single position without an axis of its own takes
/// a Reshape, too.
/// </summary>
internal sealed class GatherToSlice : IPass
{
    public string Name => "gather-to-slice";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is not GatherOp)
                continue;
            if (node.Input(1).Constant is not Tensor indices)
                report.Decline(node, "the positions are not constant");
            else if (indices.Shape.Rank > 1 || indices.Shape.Elements == 0)
                report.Decline(node, $"the positions are {indices.Shape}");
            else if (Range(indices.ToInt64(), node) is not { } range)
                report.Decline(node, "the positions are not evenly spaced");
            else
            {
                Replace(graph, node, new SliceAttributes([range.Start], [range.End], [((GatherAttributes)node.Attributes).Axis], [range.Step]));
                report.Change($"{node} is a slice of {node.Input(0)}");
            }
        }
    }

    /// <summary>The positions as start, end and step of a slice; null when they are not evenly spaced.</summary>
    private static (long Start, long End, long Step)? Range(ReadOnlySpan<long> indices, Node node)
    {
        long size = node.Input(0).KnownShape[(int)((GatherAttributes)node.Attributes).Axis];
        long At(long index) => index < 0 ? index + size : index;
        long start = At(indices[0]), step = indices.Length == 1 ? 1 : At(indices[1]) - start;
        if (step == 0)
            return null;
        for (int i = 1; i < indices.Length; i++)
            if (At(indices[i]) != start + i * step)
                return null;
        long end = start + indices.Length * step;
        return (start, end < 0 ? long.MinValue : end, step);
    }

    private static void Replace(GraphEditor graph, Node node, SliceAttributes attributes)
    {
        Value data = node.Input(0);
        bool dropsAxis = node.Input(1).KnownShape.Rank == 0;
        graph.Remove(node);
        Value sliced = dropsAxis ? graph.NewValue($"{node.Output.Name}/slice", data.Type, data.KnownShape.With((int)attributes.Axes![0], 1)) : node.Output;
        graph.Add(new Node(node.Name, OpTable.Get<SliceOp>(), attributes, [data], [sliced]));
        if (dropsAxis)
            graph.Add(new Node(node.Output.Name, OpTable.Get<ReshapeOp>(), ReshapeAttributes.To(node.Output.KnownShape), [sliced], [node.Output]));
    }
}
