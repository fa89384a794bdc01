using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Conformance.Cases;

/// <summary>Operators that only move elements, as a file writes them: nothing may change on the way.</summary>
internal static class MovementCases
{
    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        string op = draw.Of<string>("Transpose", "Concat", "Pad", "DepthToSpace", "SpaceToDepth");
        Placement placement = draw.Placement();
        int block = draw.Int(1, 3), channels = op == "DepthToSpace" ? draw.Int(1, 9) * block * block : draw.Channels(65);
        int height = draw.Int(1, 6) * (op == "SpaceToDepth" ? block : 1), width = draw.Int(1, 6) * (op == "SpaceToDepth" ? block : 1);
        var shape = new Shape(draw.Int(1, 3), height, width, channels);
        var operands = new List<CaseOperand?> { draw.Operand(shape, fill) };
        NodeAttribute[] attributes = [];
        switch (op)
        {
            case "Transpose":
                attributes = [new("perm", AttributeKind.Ints, Ints: draw.Of<long[]>([0, 3, 1, 2], [0, 2, 3, 1], [3, 2, 1, 0], [1, 0, 2, 3], [0, 1, 3, 2]))];
                break;
            case "Concat":
                int axis = draw.Int(0, 3);
                operands.Add(draw.Operand(shape.With(axis, draw.Int(1, 20)), fill));
                attributes = [new("axis", AttributeKind.Int, Int: axis)];
                break;
            case "Pad":
                attributes = [new("pads", AttributeKind.Ints, Ints: draw.List(8, 0, 3)), new("value", AttributeKind.Float, Float: 2)];
                break;
            default:
                attributes = [new("blocksize", AttributeKind.Int, Int: block)];
                break;
        }
        string name = $"{op} seed {seed} {shape} {string.Join(' ', attributes.Select(a => $"{a.Name} {a.Int}{(a.Ints is null ? "" : Shape.Format(a.Ints))}"))} {placement} {fill}";
        return Case.Read(name, op, op == "Pad" ? 2 : 13, attributes, operands, fill, channelsLast: true) with { Placement = placement, Roundings = 1 };
    }
}
