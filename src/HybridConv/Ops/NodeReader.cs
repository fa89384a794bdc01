using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>One attribute of a node as written in a file. Exactly the member that <paramref name="Kind"/> names is meaningful.</summary>
internal sealed record NodeAttribute(
    string Name, AttributeKind Kind, long Int = 0, float Float = 0, string Text = "", long[]? Ints = null, float[]? Floats = null, string[]? Texts = null,
    Tensor? Tensor = null);

internal enum AttributeKind { Int, Float, Text, Ints, Floats, Texts, Tensor, Unsupported }

/// <summary>A node as written in a file: names of values instead of edges.</summary>
/// <param name="Name">The node's name, or its first output's where it has none.</param>
/// <param name="OpType">The operator.</param>
/// <param name="Domain">Empty for ONNX's own.</param>
/// <param name="Inputs">An empty name is an absent optional input.</param>
/// <param name="Outputs">An empty name is an output that nobody asked for.</param>
/// <param name="Attributes">In the order of the file.</param>
internal sealed record NodeRecord(
    string Name, string OpType, string Domain, IReadOnlyList<string> Inputs, IReadOnlyList<string> Outputs, IReadOnlyList<NodeAttribute> Attributes);

/// <summary>
/// How an operator reads a node: typed attributes with defaults, and the opset. Attributes that the operator never asked for are an error.
/// </summary>
internal sealed class NodeReader
{
    private readonly NodeRecord node;
    private readonly HashSet<string> asked = [];

    public NodeReader(NodeRecord node, long opset, Func<string, Value>? resolve = null)
    {
        this.node = node;
        Opset = opset;
        int count = node.Inputs.Count;
        while (count > 0 && node.Inputs[count - 1].Length == 0)
            count--;
        Inputs = [.. node.Inputs.Take(count).Select(input => input.Length == 0 ? null : resolve!(input))];
    }

    /// <summary>The version of the operator's domain that the model imports.</summary>
    public long Opset { get; }
    public string Name => node.Name;

    /// <summary>The inputs that the file lists; absent ones at the end do not count, since leaving them out means the same.</summary>
    public int InputCount => Inputs.Count;
    public int OutputCount => node.Outputs.Count;

    /// <summary>The node's inputs; null for an absent optional one.</summary>
    public IReadOnlyList<Value?> Inputs { get; }

    public bool Has(string attribute) => Find(attribute, null) is not null;
    public long Int(string attribute, long fallback) => Find(attribute, AttributeKind.Int)?.Int ?? fallback;
    public float Float(string attribute, float fallback) => Find(attribute, AttributeKind.Float)?.Float ?? fallback;
    public string Text(string attribute, string fallback) => Find(attribute, AttributeKind.Text)?.Text ?? fallback;
    public long[]? Ints(string attribute) => Find(attribute, AttributeKind.Ints)?.Ints;
    public float[]? Floats(string attribute) => Find(attribute, AttributeKind.Floats)?.Floats;
    public Tensor? Tensor(string attribute) => Find(attribute, AttributeKind.Tensor)?.Tensor;

    /// <summary>Accepts attributes that have no effect on inference.</summary>
    public void Ignore(params ReadOnlySpan<string> attributes)
    {
        foreach (string attribute in attributes)
            asked.Add(attribute);
    }

    public UnsupportedOperatorException Unsupported(string reason) => new(reason);

    /// <summary>Fails when the node has attributes that the operator did not ask for.</summary>
    public void RequireAllAsked()
    {
        foreach (NodeAttribute attribute in node.Attributes)
            if (!asked.Contains(attribute.Name))
                throw Unsupported($"the attribute '{attribute.Name}' is not known");
    }

    private NodeAttribute? Find(string name, AttributeKind? kind)
    {
        asked.Add(name);
        foreach (NodeAttribute attribute in node.Attributes)
            if (attribute.Name == name)
                return kind is null || attribute.Kind == kind
                    ? attribute
                    : throw new ModelFormatException($"the attribute '{name}' is {attribute.Kind}, not {kind}", $"node '{node.Name}'");
        return null;
    }
}

/// <summary>A node uses something that the operator does not support; becomes one line of <see cref="UnsupportedModelException"/>.</summary>
internal sealed class UnsupportedOperatorException(string reason) : Exception(reason);
