using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>What an operator sees while shapes and types are inferred: one node whose inputs are known.</summary>
internal sealed class Inference(Node node)
{
    public Node Node => node;

    public int InputCount => node.Inputs.Count;
    public bool Has(int input) => node.OptionalInput(input) is not null;
    public Shape Shape(int input) => node.Input(input).KnownShape;
    public ElementType Type(int input) => node.Input(input).Type;

    public void Output(int index, ElementType type, Shape shape)
    {
        if (index >= node.Outputs.Count)
            return;
        node.Outputs[index].Type = type;
        node.Outputs[index].Shape = shape;
    }

    /// <summary>As <see cref="Output"/>, for an output whose data is already known: it does not depend on any input's data.</summary>
    public void Known(int index, Tensor data)
    {
        Output(index, data.Type, data.Shape);
        if (index < node.Outputs.Count)
            node.Outputs[index].Constant = data;
    }

    /// <summary>The data of an input that decides about shapes or parameters.</summary>
    /// <exception cref="OpenValueException">The data is not known before running.</exception>
    public Tensor Constant(int input)
    {
        Value value = node.Input(input);
        return value.Constant ?? throw new OpenValueException(value);
    }

    /// <summary>As <see cref="Constant"/>, for integers; null when the optional input is absent.</summary>
    public long[]? Integers(int input) => Has(input) ? Constant(input).ToInt64() : null;

    /// <summary>Replaces the node's attributes and drops all inputs from index <paramref name="keep"/> on: they now are in the attributes.</summary>
    public void Absorb(object attributes, int keep)
    {
        node.Attributes = attributes;
        if (node.Inputs.Count > keep)
            node.Inputs.RemoveRange(keep, node.Inputs.Count - keep);
    }

    public ShapeException Error(string message) => new($"node '{node.Name}' ({node.Op.Name}): {message}") { NamesNode = true };

    /// <summary>The node is well formed, but uses a type or value that the operator does not support here.</summary>
    public UnsupportedOperatorException Unsupported(string reason) => new(reason);

    /// <summary>As <see cref="Unsupported"/>: the operator does not compute with the type of an input.</summary>
    public UnsupportedOperatorException UnsupportedType(int input) => Unsupported($"input {input} is {Type(input).Label()}, which is not supported");

    /// <summary>Refuses a node with an input that is not float32.</summary>
    public void RequireFloat32()
    {
        for (int i = 0; i < InputCount; i++)
            if (Has(i) && Type(i) != ElementType.Float32)
                throw UnsupportedType(i);
    }

    /// <summary>Resolves an axis that may count from the end.</summary>
    public int Axis(long axis, int rank)
    {
        if (axis < -rank || axis >= rank)
            throw Error($"axis {axis} is outside a tensor of rank {rank}");
        return (int)(axis < 0 ? axis + rank : axis);
    }
}

/// <summary>Shapes depend on data that is not known yet. The session catches this and plans for the data it is given.</summary>
internal sealed class OpenValueException(Value value) : Exception($"The value '{value.Name}' must be known before a plan can be made.")
{
    public Value Value => value;
}
