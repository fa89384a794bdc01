using HybridConv.Graphs;
using HybridConv.Ops;
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
        var seen = new HashSet<Value>();
        foreach (Node node in graph.Nodes)
        {
            if (!CanMerge(node) || !seen.Add(node.Input(ConvOp.Image)))
                continue;
            Node[] readers = [.. graph.Uses(node.Input(ConvOp.Image)).Where(use => use.Index == ConvOp.Image && CanMerge(use.Node)).Select(use => use.Node)];
            foreach (IGrouping<Form, Node> alike in readers.GroupBy(Form.Of))
            {
                Node[] siblings = [.. alike];
                if (siblings.Length > 1)
                    Merge(graph, report, siblings);
                else if (readers.Length > 1)
                    report.Decline(siblings[0], $"no other convolution of '{node.Input(ConvOp.Image).Name}' has strides {alike.Key.Strides} and ends in {alike.Key.Activation}");
            }
        }
    }

    private static bool CanMerge(Node node) =>
        ConvOp.IsPlainPointwise(node) && node.OptionalInput(ConvOp.Residual) is null && node.OptionalInput(ConvOp.Scale) is null && node.Outputs.Count == 1
        && node.Input(ConvOp.Weights).KnownShape[0] > 0;

    private static void Merge(GraphEditor graph, PassReport report, Node[] siblings)
    {
        foreach (Node node in siblings)
            graph.Remove(node);
        graph.Add(Merged(graph, siblings));
        report.Change($"{string.Join(", ", (IEnumerable<Node>)siblings)} are one convolution of '{siblings[0].Input(ConvOp.Image).Name}'");
    }

    /// <summary>What siblings have in common.</summary>
    private readonly record struct Form(string Strides, Activation Activation)
    {
        public static Form Of(Node node)
        {
            var attributes = (ConvAttributes)node.Attributes;
            return new Form(Shape.Format(attributes.Strides!), attributes.Activation);
        }
    }

    private static Node Merged(GraphEditor graph, Node[] siblings)
    {
        Tensor[] weights = [.. siblings.Select(node => node.Input(ConvOp.Weights).Constant!)];
        Tensor?[] biases = [.. siblings.Select(node => node.OptionalInput(ConvOp.Bias)?.Constant)];
        long[] parts = [.. weights.Select(tensor => tensor.Shape[0])];
        Node first = siblings[0];
        string name = $"{first.Name}+{siblings.Length - 1}";
        var inputs = new List<Value?> { first.Input(ConvOp.Image), graph.NewConstant($"{name}/weights", Joined(weights, parts)) };
        if (biases.Any(bias => bias is not null))
            inputs.Add(graph.NewConstant($"{name}/bias", Joined(biases, parts)));
        return new Node(name, first.Op, (ConvAttributes)first.Attributes with { Parts = parts }, inputs, [.. siblings.Select(node => node.Output)]);
    }

    /// <summary>Tensors one after the other along the first axis; zeros for those that are absent.</summary>
    private static Tensor Joined(Tensor?[] tensors, long[] sizes)
    {
        Shape shape = tensors.First(tensor => tensor is not null)!.Shape.With(0, sizes.Sum());
        return Tensor.Derived(shape, $"{Tensor.Origins(tensors)}|joined as {Shape.Format(sizes)}", () =>
        {
            var joined = new float[shape.Elements];
            long inner = shape.Elements / shape[0], start = 0;
            for (int i = 0; i < tensors.Length; start += sizes[i++] * inner)
                tensors[i]?.ToArray<float>().CopyTo(joined, start);
            return joined;
        });
    }
}
