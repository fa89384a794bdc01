namespace HybridConv.Graphs;

/// <summary>A tensor in a graph: what flows along an edge. Either an input, a constant, or produced by one node.</summary>
internal sealed class Value(string name)
{
    /// <summary>Unique in its graph.</summary>
    public string Name { get; } = name;

    /// <summary>Known after inference; graph inputs declare theirs.</summary>
    public ElementType Type { get; set; }

    /// <summary>Known after inference with concrete input shapes.</summary>
    public Shape? Shape { get; set; }

    /// <summary>The data, when it does not depend on any input.</summary>
    public Tensor? Constant { get; set; }

    /// <summary>The node whose output this is; null for inputs and constants.</summary>
    public Node? Producer { get; set; }

    /// <summary>Where the elements lie in their buffer; set when a plan assigns storage.</summary>
    public TensorView? View { get; set; }

    public bool IsConstant => Constant is not null;

    /// <summary>The shape, where inference has run.</summary>
    public Shape KnownShape => Shape ?? throw new InvalidOperationException($"The shape of '{Name}' has not been inferred.");

    /// <summary>The view; dense where no plan has assigned storage.</summary>
    public TensorView KnownView => View ?? TensorView.Dense(KnownShape);

    public static Value Of(Tensor constant, string name) => new(name) { Type = constant.Type, Shape = constant.Shape, Constant = constant };

    public override string ToString() => $"{Name}: {Type.Label()}{Shape?.ToString() ?? "[...]"}";
}
