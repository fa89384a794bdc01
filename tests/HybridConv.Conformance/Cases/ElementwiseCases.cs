using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Conformance.Cases;

/// <summary>Elementwise operators and softmaxes, as a file writes them, with broadcasting. Only the exactly rounded ones are held against the oracle.</summary>
internal static class ElementwiseCases
{
    private static readonly string[] Unary =
    [
        "Relu", "LeakyRelu", "Elu", "Selu", "Celu", "ThresholdedRelu", "Softplus", "Swish", "Mish", "Gelu", "Sigmoid", "HardSigmoid", "HardSwish", "Tanh", "Softsign",
        "Exp", "Log", "Erf", "Sqrt", "Reciprocal", "Round", "Floor", "Ceil", "Neg", "Abs", "Sign", "Clip", "Softmax", "LogSoftmax",
    ];

    /// <summary>What has a single rounding, or none.</summary>
    private static readonly HashSet<string> Exact = ["Relu", "ThresholdedRelu", "Round", "Floor", "Ceil", "Neg", "Abs", "Sign", "Add", "Mul", "Max", "Min", "Sum"];

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

        NodeAttribute[] attributes = name switch
        {
            "Clip" => [new("min", AttributeKind.Float, Float: -0.5f), new("max", AttributeKind.Float, Float: 2)],
            "Gelu" => [new("approximate", AttributeKind.Text, Text: draw.Of<string>("none", "tanh"))],
            _ => [],
        };
        string text = $"{name}{(name == "Gelu" ? $" {attributes[0].Text}" : "")} seed {seed} {string.Join(" with ", operands.Select(o => o!.Shape))} {placement} {fill}";
        return Case.Read(text, name, name == "Clip" ? 6 : 24, attributes, operands, fill) with
        {
            Placement = placement,
            Roundings = Exact.Contains(name) ? 1 : null,
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
