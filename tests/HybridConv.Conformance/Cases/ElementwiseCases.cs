using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Conformance.Cases;

/// <summary>Elementwise operators and softmax, as a file writes them, with broadcasting. Only the exactly rounded ones are held against the oracle.</summary>
internal static class ElementwiseCases
{
    private static readonly string[] Unary =
        ["Relu", "LeakyRelu", "Elu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Exp", "Erf", "Sqrt", "Neg", "Clip", "Softmax"];
    private static readonly string[] Binary = ["Add", "Sub", "Mul", "Div", "Pow", "PRelu", "Max", "Min", "Sum"];

    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        bool binary = draw.Chance(0.5);
        string name = binary ? draw.Of<string>(Binary) : draw.Of<string>(Unary);
        Placement placement = draw.Placement();
        long[] shape = [draw.Int(1, 3), .. draw.List(draw.Int(0, 2), 1, 9), draw.Channels(96)];
        var operands = new List<CaseOperand?> { draw.Operand(new Shape(shape), fill) };
        if (binary)
            operands.Add(draw.Operand(Broadcast(draw, shape), fill));

        NodeAttribute[] attributes = name == "Clip" ? [new("min", AttributeKind.Float, Float: -0.5f), new("max", AttributeKind.Float, Float: 2)] : [];
        string text = $"{name} seed {seed} {string.Join(" with ", operands.Select(o => o!.Shape))} {placement} {fill}";
        return Case.Read(text, name, name == "Clip" ? 6 : 14, attributes, operands, fill) with
        {
            Placement = placement,
            Roundings = name is "Relu" or "Neg" or "Add" or "Mul" or "Max" or "Min" or "Sum" ? 1 : null,
        };
    }

    /// <summary>A shape that broadcasts to another: leading axes may be missing, others may be 1.</summary>
    private static Shape Broadcast(Draw draw, long[] shape)
    {
        long[] part = shape[draw.Int(0, shape.Length - 1)..];
        for (int axis = 0; axis < part.Length; axis++)
            if (draw.Chance(0.3))
                part[axis] = 1;
        return new Shape(part);
    }
}
