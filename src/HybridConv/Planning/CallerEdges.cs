using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Planning;

/// <summary>
/// Gives a network the edges that its caller asked for: image inputs and outputs channels-last (by transposes, which the layout pass cancels against its own),
/// and intermediate values as additional outputs.
/// </summary>
internal static class CallerEdges
{
    public static Graph Apply(Graph asRead, IReadOnlyList<TensorInfo> declaredInputs, IReadOnlyList<TensorInfo> declaredOutputs, SessionOptions options)
    {
        Graph graph = asRead.Clone();
        if (options.OutputLayout == ImageLayout.ChannelsLast)
            for (int i = 0; i < graph.Outputs.Count; i++)
                graph.Outputs[i] = TransposedOutput(graph, graph.Outputs[i], declaredOutputs[i]);
        if (options.InputLayout == ImageLayout.ChannelsLast)
            for (int i = 0; i < graph.Inputs.Count; i++)
                graph.Inputs[i] = TransposedInput(graph, graph.Inputs[i], declaredInputs[i]);
        KeepValues(graph, options.Keep ?? []);
        return graph;
    }

    /// <summary>A channels-last input of the same name, from which the network's own is made.</summary>
    private static Value TransposedInput(Graph graph, Value input, TensorInfo declared)
    {
        if (!IsImage(declared))
            return input;
        int rank = declared.Dimensions!.Count;
        var outer = new Value(input.Name) { Type = input.Type };
        var inner = new Value($"{input.Name}/channels-first") { Type = input.Type };
        foreach (Node node in graph.Nodes)
            for (int i = 0; i < node.Inputs.Count; i++)
                if (ReferenceEquals(node.Inputs[i], input))
                    node.Inputs[i] = inner;
        for (int i = 0; i < graph.Outputs.Count; i++)
            if (ReferenceEquals(graph.Outputs[i], input))
                graph.Outputs[i] = inner;
        graph.Nodes.Insert(0, Transpose(outer, inner, [0, rank - 1, .. Enumerable.Range(1, rank - 2)]));
        return outer;
    }

    private static Value TransposedOutput(Graph graph, Value output, TensorInfo declared)
    {
        if (!IsImage(declared))
            return output;
        int rank = declared.Dimensions!.Count;
        var outer = new Value($"{output.Name}/channels-last") { Type = output.Type };
        graph.Nodes.Add(Transpose(output, outer, [0, .. Enumerable.Range(2, rank - 2), 1]));
        return outer;
    }

    private static Node Transpose(Value from, Value to, int[] permutation)
    {
        Op op = OpTable.Find("Transpose")!;
        var perm = new NodeAttribute("perm", AttributeKind.Ints, Ints: [.. permutation]);
        var record = new NodeRecord(to.Name, op.Name, "", [], [], [perm]);
        return new Node(to.Name, op, op.Read(new NodeReader(record, op.Opsets[^1])), [from], [to]);
    }

    private static bool IsImage(TensorInfo info) => info.Dimensions is { Count: >= 3 and <= 5 };

    /// <summary>Declared inputs or outputs as the caller sees them.</summary>
    public static IReadOnlyList<TensorInfo> Describe(IReadOnlyList<TensorInfo> declared, ImageLayout layout) =>
        layout == ImageLayout.AsDeclared ? declared : [.. declared.Select(ChannelsLast)];

    private static TensorInfo ChannelsLast(TensorInfo info) =>
        IsImage(info) ? info with { Dimensions = [info.Dimensions![0], .. info.Dimensions.Skip(2), info.Dimensions[1]] } : info;

    private static void KeepValues(Graph graph, IReadOnlyList<string> names)
    {
        // A model's own names are unique; those of outputs that it leaves unnamed need not be.
        var byName = new Dictionary<string, Value>();
        foreach (Value value in graph.Nodes.SelectMany(node => node.Outputs))
            byName.TryAdd(value.Name, value);
        foreach (string name in names)
            graph.Outputs.Add(byName.TryGetValue(name, out Value? value) ? value : throw new OperandException($"There is no value '{name}' to keep."));
    }
}
