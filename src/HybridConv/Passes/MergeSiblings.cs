using HybridConv.Graphs;
using HybridConv.Ops.Conv;

namespace HybridConv.Passes;

/// <summary>
/// Makes one pointwise convolution of several that read the same image, with as many outputs: one matrix product with all their filters (the narrowing layers of
/// Inception modules). The image is read once for all of them.
/// <code>
/// x --+-- 1x1, 64 -- relu --        x -- 1x1, 176 -- relu --+-- channels   0 ..  63
///     +-- 1x1, 96 -- relu --   =>                           +-- channels  64 .. 159
///     +-- 1x1, 16 -- relu --                                +-- channels 160 .. 175
/// </code>
/// </summary>
internal sealed class MergeSiblings : IPass
{
    public string Name => "merge-siblings";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node first in graph.Nodes)
        {
            if (!CanMerge(first))
                continue;
            var siblings = new List<Node>();
            foreach ((Node node, int index) in graph.Uses(first.Input(ConvOp.Image)))
                if (index == ConvOp.Image && CanMerge(node))
                {
                    if (Difference(first, node) is string why)
                        report.Decline(node, why);
                    else
                        siblings.Add(node);
                }
            if (siblings.Count < 2)
                continue;
            foreach (Node node in siblings)
                graph.Remove(node);
            graph.Add(Merged(graph, siblings));
            report.Change($"{string.Join(", ", siblings)} are one convolution of '{first.Input(ConvOp.Image).Name}'");
        }
    }

    private static bool CanMerge(Node node) =>
        ConvOp.IsPlainPointwise(node) && node.OptionalInput(ConvOp.Residual) is null && node.OptionalInput(ConvOp.Scale) is null && node.Outputs.Count == 1;

    private static string? Difference(Node first, Node node)
    {
        ConvAttributes a = (ConvAttributes)first.Attributes, b = (ConvAttributes)node.Attributes;
        if (!a.Strides.AsSpan().SequenceEqual(b.Strides))
            return $"its strides are {Shape.Format(b.Strides!)}, those of its sibling {first} {Shape.Format(a.Strides!)}";
        return a.Activation == b.Activation ? null : $"it ends in {b.Activation}, its sibling {first} in {a.Activation}";
    }

    private static Node Merged(GraphEditor graph, List<Node> siblings)
    {
        Tensor[] weights = [.. siblings.Select(node => node.Input(ConvOp.Weights).Constant!)];
        Tensor?[] biases = [.. siblings.Select(node => node.OptionalInput(ConvOp.Bias)?.Constant)];
        long[] parts = [.. weights.Select(tensor => tensor.Shape[0])];
        Node first = siblings[0];
        string name = string.Join('+', siblings.Select(node => node.Name));
        var inputs = new List<Value?> { first.Input(ConvOp.Image), graph.NewConstant($"{name}/weights", Joined(weights, parts)) };
        if (biases.Any(bias => bias is not null))
            inputs.Add(graph.NewConstant($"{name}/bias", Joined(biases, parts)));
        return new Node(name, first.Op, (ConvAttributes)first.Attributes with { Parts = parts }, inputs, [.. siblings.Select(node => node.Output)]);
    }

    /// <summary>Tensors one after the other along the first axis; zeros for those that are absent.</summary>
    private static Tensor Joined(Tensor?[] tensors, long[] sizes)
    {
        Shape shape = tensors.First(tensor => tensor is not null)!.Shape.With(0, sizes.Sum());
        string origin = string.Join(", ", tensors.Select((tensor, i) => tensor?.Origin ?? $"{sizes[i]} zeros"));
        return Tensor.Derived(shape, $"({origin}) joined", () =>
        {
            var joined = new float[shape.Elements];
            long inner = shape.Elements / shape[0], start = 0;
            for (int i = 0; i < tensors.Length; start += sizes[i++] * inner)
                tensors[i]?.ToArray<float>().CopyTo(joined, start);
            return joined;
        });
    }
}
