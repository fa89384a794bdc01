using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Pool;
using HybridConv.Ops.Reduce;
using HybridConv.Ops.Reshape;
using HybridConv.Ops.Transpose;

namespace HybridConv.Passes;

/// <summary>
/// Makes a global pool of a mean or maximum over all pixels of an image, so that both ways to write it have one kernel, layout and neighbours; both take their
/// sums in the order of <see cref="SumTree{T}"/>. Images are what operators with channels make: a pool wants its operand channels-last, which would only move
/// other tensors, such as those that a layer normalization takes the means of. An AveragePool of a whole image stays what it is: it adds in another order.
/// </summary>
internal sealed class ReduceToGlobalPool : IPass
{
    public string Name => "reduce-to-global-pool";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        var images = new HashSet<Value>();
        foreach (Node node in graph.Nodes)
        {
            if (MakesImage(node, images))
                images.UnionWith(node.Outputs);
            if (PoolFor(node.Op) is not GlobalPoolOp pool || node.Input(0) is not { Type: ElementType.Float32 } image
                || !ReducesPixels(node, image.KnownShape.Rank))
                continue;
            if (!images.Contains(image))
                report.Decline(node, $"no operator with channels leads to '{image.Name}'");
            else if (image.KnownShape.Product(2, image.KnownShape.Rank) == 0)
                report.Decline(node, $"'{image.Name}' has no pixels: its mean is NaN, its pool 0");
            else
            {
                Replace(graph, node, pool);
                report.Change($"{node} is {pool.Name} of '{image.Name}'");
            }
        }
    }

    /// <summary>Whether a node has channels itself, or leaves the axes of an image as they are.</summary>
    private static bool MakesImage(Node node, HashSet<Value> images)
    {
        if (node.Op.ToChannelsLast(node) is not null)
            return true;
        Value? image = node.Op is TransposeOp ? null : node.Inputs.Find(input => input is not null && images.Contains(input));
        return image is not null && node.Outputs.All(output => output.KnownShape.Rank == image.KnownShape.Rank)
            && node.Op.Permute(node, MoveToChannelsLast.ChannelsLast(image.KnownShape.Rank)) is not null;
    }

    private static GlobalPoolOp? PoolFor(Op op) => op switch
    {
        ReduceOp<Mean> => OpTable.Get<GlobalAveragePoolOp>(),
        ReduceOp<Largest> => OpTable.Get<GlobalMaxPoolOp>(),
        _ => null,
    };

    /// <summary>Whether the axes are all but the first two.</summary>
    private static bool ReducesPixels(Node node, int rank)
    {
        long[] axes = ((ReduceAttributes)node.Attributes).Axes!;
        return rank is >= 3 and <= 5 && axes.Length == rank - 2 && axes[0] == 2;
    }

    private static void Replace(GraphEditor graph, Node node, GlobalPoolOp pool)
    {
        Value image = node.Input(0), output = node.Output;
        bool keepsAxes = output.KnownShape.Rank == image.KnownShape.Rank;
        graph.Remove(node);
        Value pooled = output;
        if (!keepsAxes)
        {
            Shape pixel = image.KnownShape;
            for (int axis = 2; axis < pixel.Rank; axis++)
                pixel = pixel.With(axis, 1);
            pooled = graph.NewValue($"{output.Name}/pixel", output.Type, pixel);
            graph.Add(new Node(output.Name, OpTable.Get<ReshapeOp>(), ReshapeAttributes.To(output.KnownShape), [pooled], [output]));
        }
        graph.Add(new Node(node.Name, pool, new GlobalPoolAttributes(), [image], [pooled]));
    }
}
