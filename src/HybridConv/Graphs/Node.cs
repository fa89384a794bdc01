using HybridConv.Ops;

namespace HybridConv.Graphs;

/// <summary>One operation of a graph: an operator, its attributes, and the values it reads and writes.</summary>
internal sealed class Node
{
    private readonly Value[] outputs;

    public Node(string name, Op op, object attributes, IReadOnlyList<Value?> inputs, IReadOnlyList<Value> outputs)
    {
        Name = name;
        Op = op;
        Attributes = attributes;
        Inputs = [.. inputs];
        this.outputs = [.. outputs];
        foreach (Value output in outputs)
            output.Producer = this;
    }

    public string Name { get; }
    public Op Op { get; }

    /// <summary>The operator's own attributes record; complete after inference (see <see cref="Op.Infer"/>).</summary>
    public object Attributes { get; set; }

    /// <summary>In the operator's order; null for an absent optional input.</summary>
    public List<Value?> Inputs { get; }

    /// <summary>In the operator's order. An optional output that nobody asked for has a value that nobody reads.</summary>
    public IReadOnlyList<Value> Outputs => outputs;

    public Value Input(int index) => Inputs[index] ?? throw new InvalidOperationException($"Input {index} of '{Name}' is absent.");
    public Value? OptionalInput(int index) => index < Inputs.Count ? Inputs[index] : null;
    public Value Output => outputs[0];

    /// <summary>Whether float32 elements are read or written; nodes that do neither are a matter of a few integers or truth values.</summary>
    public bool CarriesFloat32 => (Op.ReadsElements && Inputs.Exists(i => i is { Type: ElementType.Float32 })) || Array.Exists(outputs, o => o.Type == ElementType.Float32);

    /// <summary>Whether an input is a tensor of integers.</summary>
    public bool ReadsIntegers => Inputs.Exists(i => i is not null && IntegerTypes.Contains(i.Type));

    /// <summary>Makes the node write another value in place of one of its outputs, which then has no producer.</summary>
    public void ReplaceOutput(int index, Value value)
    {
        if (outputs[index].Producer == this)
            outputs[index].Producer = null;
        outputs[index] = value;
        value.Producer = this;
    }

    public override string ToString() => $"{Name} ({Op.Name})";
}
