using HybridConv.Ops;

namespace HybridConv.Graphs;

/// <summary>
/// Makes a graph of what a model says: joins nodes by the names of values, lets every operator read its nodes, and collects
/// everything that is not supported into one error. Networks in float16 are widened (see <see cref="HalfWidening"/>).
/// </summary>
internal sealed class GraphReader
{
    /// <summary>The newest version of ONNX's operators whose meaning is known here.</summary>
    public const long NewestOpset = 27;

    private readonly ModelRecord record;
    private readonly HalfWidening halves;
    private readonly Graph graph;
    private readonly Dictionary<string, Value> values;
    private readonly Func<string, Value> resolve;
    private readonly List<UnsupportedNode> unsupported = [];
    private readonly Lazy<HashSet<string>> read;
    private readonly HashSet<string> halfOutputs;
    private readonly long opset;

    private GraphReader(ModelRecord record)
    {
        this.record = record;
        graph = new Graph(record.Name) { Opset = record.OpsetOf("") };
        halves = new HalfWidening(graph);
        values = new Dictionary<string, Value>(record.Inputs.Count + record.Initializers.Count + record.Nodes.Count);
        resolve = name => values[name];
        read = new Lazy<HashSet<string>>(() => [.. record.Nodes.SelectMany(node => node.Inputs), .. record.Outputs.Select(output => output.Name)]);
        halfOutputs = [.. record.Outputs.Where(output => output.Type == ElementType.Float16).Select(output => output.Name)];
        opset = record.OpsetOf("");
    }

    /// <exception cref="ModelFormatException">Names do not join the nodes into a graph.</exception>
    /// <exception cref="UnsupportedModelException">Names every node that cannot be run.</exception>
    public static Graph Read(ModelRecord record) => new GraphReader(record).Read();

    private Graph Read()
    {
        if (opset > NewestOpset)
            throw new UnsupportedModelException($"The model imports opset {opset} of ONNX; the newest that is read is {NewestOpset}.");
        IReadOnlyList<NodeRecord> nodes = NodeOrder.Of(record.Nodes, Inputs());
        if (opset <= 0 && nodes.FirstOrDefault(node => node.Domain.Length == 0) is { } first)
            throw new ModelFormatException("the model imports no version of ONNX's operators", $"node '{first.Name}'", ErrorCode.InvalidGraph);

        foreach (NodeRecord node in nodes)
            Add(node);
        Outputs();
        return unsupported.Count == 0 ? graph : throw new UnsupportedModelException(unsupported);
    }

    /// <summary>Defines inputs and constants. An input with an initializer is a constant: its value is a default that nobody overrides.</summary>
    private Func<string, bool> Inputs()
    {
        foreach (TensorInfo input in record.Inputs)
        {
            if (record.Initializers.ContainsKey(input.Name) || record.Unreadable.ContainsKey(input.Name))
                continue;
            var value = new Value(input.Name) { Type = input.Type };
            graph.Inputs.Add(value);
            if (input.Name.Length == 0 || !values.TryAdd(input.Name, halves.Widen(value)))
                throw new ModelFormatException(input.Name.Length == 0 ? "has no name" : "is defined twice", $"input '{input.Name}'", ErrorCode.InvalidGraph);
        }
        foreach ((string name, Tensor tensor) in record.Initializers)
            values.Add(name, Value.Of(HalfWidening.Widen(tensor), HalfWidening.InnerName(name, halfOutputs.Contains(name))));
        return name => values.ContainsKey(name) || record.Unreadable.ContainsKey(name);
    }

    private void Add(NodeRecord node)
    {
        Value[] outputs = Outputs(node);
        try
        {
            Op op = Find(node);
            RequireReadable(node);
            RequireOperands(op, node);
            int asked = Asked(op, node);
            if (asked < node.Outputs.Count)
                node = node with { Outputs = [.. node.Outputs.Take(asked)] };
            var reader = new NodeReader(HalfWidening.Widen(node), opset, resolve);
            object attributes = op.Read(reader);
            graph.Nodes.Add(new Node(node.Name, op, attributes, reader.Inputs, outputs[..asked]));
        }
        catch (UnsupportedOperatorException e)
        {
            unsupported.Add(new UnsupportedNode(node.Name, node.OpType, node.Domain, record.OpsetOf(node.Domain), e.Message));
        }
    }

    /// <summary>How many of a node's outputs are computed: optional ones at the end that nothing reads, such as the mask of a Dropout, are not.</summary>
    private int Asked(Op op, NodeRecord node)
    {
        int asked = Math.Min(node.Outputs.Count, op.MaxOutputs);
        if (opset >= op.OutputsOptionalSince)
            while (asked > 1 && (node.Outputs[asked - 1].Length == 0 || !read.Value.Contains(node.Outputs[asked - 1])))
                asked--;
        return asked;
    }

    private Value[] Outputs(NodeRecord node)
    {
        var outputs = new Value[node.Outputs.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            string name = node.Outputs[i];
            outputs[i] = new Value(name.Length == 0 ? $"{node.Name}:{i}" : HalfWidening.InnerName(name, halfOutputs.Contains(name)));
            if (name.Length > 0)
                values.Add(name, outputs[i]);
        }
        return outputs;
    }

    private Op Find(NodeRecord node)
    {
        if (record.Functions.Contains((node.Domain, node.OpType)))
            throw new UnsupportedOperatorException("functions that a model defines itself are not supported");
        if (node.Domain.Length > 0)
            throw new UnsupportedOperatorException($"the domain '{node.Domain}' is not supported");
        Op op = OpTable.Find(node.OpType) ?? throw new UnsupportedOperatorException("the operator is not supported");
        return opset >= op.Opsets[0] ? op : throw new UnsupportedOperatorException($"the oldest form that is read is that of opset {op.Opsets[0]}");
    }

    private void RequireReadable(NodeRecord node)
    {
        foreach (string input in node.Inputs)
            if (record.Unreadable.TryGetValue(input, out string? why))
                throw new UnsupportedOperatorException(why);
        foreach (NodeAttribute attribute in node.Attributes)
            if (attribute.Kind == AttributeKind.Unsupported)
                throw new UnsupportedOperatorException(
                    attribute.Text.Length > 0 ? attribute.Text : $"the attribute '{attribute.Name}' holds a graph, a type or a sparse tensor, which is not supported");
    }

    /// <summary>Checks the number of operands. Outputs beyond those of the operator may be listed if nothing reads them.</summary>
    private void RequireOperands(Op op, NodeRecord node)
    {
        (int min, int max) = op.Inputs;
        if (node.Inputs.Count < min || node.Inputs.Count > max)
            throw Invalid(node, $"has {node.Inputs.Count} inputs; {op.Name} has {(min == max ? $"{min}" : $"{min} to {max}")}");
        for (int i = 0; i < (max == int.MaxValue ? node.Inputs.Count : min); i++)
            if (node.Inputs[i].Length == 0)
                throw Invalid(node, $"input {i} of {op.Name} is absent, but it is not optional");
        if (node.Outputs.Count == 0)
            throw Invalid(node, "has no outputs");
        for (int i = op.MaxOutputs; i < node.Outputs.Count; i++)
            if (node.Outputs[i].Length > 0 && read.Value.Contains(node.Outputs[i]))
                throw new UnsupportedOperatorException($"output {i}, '{node.Outputs[i]}', is used; only the first {op.MaxOutputs} of {op.Name} are supported");
    }

    private void Outputs()
    {
        if (record.Outputs.Count == 0)
            throw new ModelFormatException("the graph has no outputs", code: ErrorCode.InvalidGraph);
        var listed = new HashSet<string>();
        foreach (TensorInfo output in record.Outputs)
        {
            string where = $"output '{output.Name}'";
            if (!listed.Add(output.Name))
                throw new ModelFormatException("is listed twice", where, ErrorCode.InvalidGraph);
            if (record.Unreadable.TryGetValue(output.Name, out string? why))
                throw new UnsupportedModelException($"{where}: {why}");
            if (!values.TryGetValue(output.Name, out Value? value))
                throw new ModelFormatException("is never defined", where, ErrorCode.InvalidGraph);
            Value? input = graph.Inputs.Find(input => input.Name == output.Name);
            graph.Outputs.Add(output.Type == ElementType.Float16 ? input ?? halves.Narrow(value, output.Name) : value);
        }
    }

    private static ModelFormatException Invalid(NodeRecord node, string message) => new(message, $"node '{node.Name}'", ErrorCode.InvalidGraph);
}
