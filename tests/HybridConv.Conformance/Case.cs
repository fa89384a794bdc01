using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Conv;

namespace HybridConv.Conformance;

/// <summary>What the numbers of a case are.</summary>
internal enum Fill
{
    /// <summary>Whole numbers so small that every product and sum is exact in float: all orders of summation must agree with the oracle.</summary>
    Whole,
    /// <summary>Seeded numbers in [-1, 1).</summary>
    Real,
    /// <summary>As <see cref="Real"/>, with NaN, infinities, negative zeros, denormals and the largest numbers among them.</summary>
    Special,
}

/// <summary>How operands lie in memory.</summary>
internal enum Placement
{
    /// <summary>Each operand is dense.</summary>
    Dense,
    /// <summary>Operands are windows on the last axis of larger tensors, as concat and split along channels make them.</summary>
    Channels,
    /// <summary>Operands are windows on the second axis of larger tensors, as slices of rows make them.</summary>
    Rows,
}

/// <summary>One operand of a case.</summary>
/// <param name="Data">In the dense order of the shape.</param>
/// <param name="Shape">The shape.</param>
/// <param name="IsConstant">Whether a row may pack it.</param>
internal sealed record CaseOperand(float[] Data, Shape Shape, bool IsConstant = false)
{
    /// <summary>A type that holds the data exactly.</summary>
    public ElementType Type { get; init; } = ElementType.Float32;

    /// <summary>The operand as a value of a graph.</summary>
    public Value ToValue(string name) => IsConstant
        ? Value.Of(Tensor.From(Type, Shape, name, TypedBytes.Of(Data, Type)), name)
        : new Value(name) { Type = Type, Shape = Shape };
}

/// <summary>One problem for one operator: attributes and operands. It is data only; <see cref="Execution"/> runs it.</summary>
/// <param name="Name">Says everything about the problem, for messages and reruns.</param>
/// <param name="Op">The operator.</param>
/// <param name="Attributes">Its attributes record.</param>
/// <param name="Operands">In the operator's order; null for an absent optional one.</param>
/// <param name="Fill">What the numbers are.</param>
internal sealed record Case(string Name, Op Op, object Attributes, IReadOnlyList<CaseOperand?> Operands, Fill Fill)
{
    public Placement Placement { get; init; }

    /// <summary>Constant inputs behind the operands, which inference absorbs: what a file of an older opset writes as attributes.</summary>
    public IReadOnlyList<Value?> Parameters { get; init; } = [];

    /// <summary>The node's outputs; results count as one, one output after the other.</summary>
    public int OutputCount { get; init; } = 1;

    /// <summary>Roundings that one output passes through, for the a-priori bound; null when the oracle is not compared.</summary>
    public int? Roundings { get; init; }

    /// <summary>Whether small whole numbers give a result without any rounding.</summary>
    public bool IsExactOnWhole { get; init; } = true;

    /// <summary>A node as a file writes it.</summary>
    /// <param name="name">Says everything about the problem.</param>
    /// <param name="op">The operator's ONNX name.</param>
    /// <param name="opset">The version to read it by.</param>
    /// <param name="attributes">As in the file.</param>
    /// <param name="operands">In the operator's order.</param>
    /// <param name="fill">What the numbers are.</param>
    /// <param name="channelsLast">Whether a spatial operator is told to work channels-last; the operands' shapes must say the same.</param>
    public static Case Read(string name, string op, long opset, NodeAttribute[] attributes, IReadOnlyList<CaseOperand?> operands, Fill fill, bool channelsLast = false)
    {
        Op known = OpTable.Find(op) ?? throw new InvalidOperationException($"There is no operator '{op}'.");
        var reader = new NodeReader(new NodeRecord("case", op, "", [.. operands.Select((_, i) => $"x{i}")], ["y"], attributes), opset, input => new Value(input));
        object read = known.Read(reader);
        if (channelsLast)
        {
            Value[] values = [.. operands.Select((o, i) => new Value($"x{i}") { Type = o?.Type ?? ElementType.None, Shape = o?.Shape })];
            read = known.ToChannelsLast(new Node("case", known, read, values, [new Value("y") { Type = ElementType.Float32, Shape = operands[0]!.Shape }])) ?? read;
        }
        return new Case(name, known, read, operands, fill) { Parameters = [.. reader.Inputs.Skip(operands.Count)] };
    }

    /// <summary>The node, inferred, with the views that <see cref="Placement"/> asks for.</summary>
    public Node ToNode()
    {
        Value?[] inputs = [.. Operands.Select((operand, i) => operand?.ToValue($"x{i}")), .. Parameters];
        var node = new Node("case", Op, Attributes, inputs, [.. Enumerable.Range(0, OutputCount).Select(i => new Value($"y{i}"))]);
        Op.Infer(new Inference(node));
        Placement placement = Op.AcceptsViews(node) ? Placement : Placement.Dense;
        foreach (Value? value in node.Inputs.Concat(node.Outputs))
            if (value is { IsConstant: false })
                value.View = View(value.KnownShape, placement);
        return node;
    }

    /// <summary>The same problem without its activations and with the magnitudes of all floats: the sum that the a-priori bound scales.</summary>
    public Case Magnitudes() => this with
    {
        Attributes = WithoutActivations(),
        Operands = [.. Operands.Select(o => o is { Type: ElementType.Float32 } ? o with { Data = Array.ConvertAll(o.Data, Math.Abs) } : o)],
    };

    private object WithoutActivations()
    {
        object attributes = Op is IFusesActivation fusing ? fusing.WithActivation(Attributes, default) : Attributes;
        return attributes is ConvAttributes conv ? conv with { InputActivation = default } : attributes;
    }

    private static TensorView View(Shape shape, Placement placement)
    {
        int axis = placement switch { Placement.Channels => shape.Rank - 1, Placement.Rows => 1, _ => -1 };
        if (axis < 0 || axis >= shape.Rank)
            return TensorView.Dense(shape);
        const int before = 3, after = 2;
        return TensorView.Dense(shape.With(axis, shape[axis] + before + after)).Window(axis, before, shape[axis]);
    }

    public override string ToString() => Name;
}
