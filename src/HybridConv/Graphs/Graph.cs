namespace HybridConv.Graphs;

/// <summary>A network: nodes in an order in which every value is produced before it is read.</summary>
internal sealed class Graph(string name)
{
    public string Name { get; } = name;

    /// <summary>The version of ONNX's own operators that the network was written for; for messages.</summary>
    public long Opset { get; init; }

    public List<Value> Inputs { get; } = [];
    public List<Value> Outputs { get; } = [];
    public List<Node> Nodes { get; } = [];

    /// <summary>A copy whose nodes and values can be changed freely. Constants are shared.</summary>
    public Graph Clone()
    {
        var copy = new Graph(Name) { Opset = Opset };
        var values = new Dictionary<Value, Value>();
        Value Copy(Value value)
        {
            if (!values.TryGetValue(value, out Value? twin))
                values[value] = twin = new Value(value.Name) { Type = value.Type, Shape = value.Shape, Constant = value.Constant };
            return twin;
        }

        copy.Inputs.AddRange(Inputs.Select(Copy));
        foreach (Node node in Nodes)
            copy.Nodes.Add(new Node(node.Name, node.Op, node.Attributes, [.. node.Inputs.Select(v => v is null ? null : Copy(v))], [.. node.Outputs.Select(Copy)]));
        copy.Outputs.AddRange(Outputs.Select(Copy));
        return copy;
    }

    /// <summary>For every value, the nodes that read it (once per operand) in order.</summary>
    public Dictionary<Value, List<Node>> Consumers()
    {
        var consumers = new Dictionary<Value, List<Node>>();
        foreach (Node node in Nodes)
            foreach (Value? input in node.Inputs)
                if (input is not null)
                {
                    if (!consumers.TryGetValue(input, out List<Node>? list))
                        consumers[input] = list = [];
                    list.Add(node);
                }
        return consumers;
    }
}
