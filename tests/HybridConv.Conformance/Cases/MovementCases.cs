using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.ChannelShuffle;

namespace HybridConv.Conformance.Cases;

/// <summary>Operators that only move elements, as a file writes them: nothing may change on the way.</summary>
internal static class MovementCases
{
    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        string op = draw.Of<string>(
            "Transpose", "Concat", "Pad", "DepthToSpace", "SpaceToDepth", "Slice", "Split", "Expand", "Gather", "ChannelShuffle", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "ConstantOfShape");
        Placement placement = draw.Placement();
        int block = draw.Int(1, 3), channels = op == "DepthToSpace" ? draw.Int(1, 9) * block * block : draw.Channels(65);
        int height = draw.Int(1, 6) * (op == "SpaceToDepth" ? block : 1), width = draw.Int(1, 6) * (op == "SpaceToDepth" ? block : 1);
        var shape = new Shape(draw.Int(1, 3), height, width, channels);
        var operands = new List<CaseOperand?> { draw.Operand(shape, fill) };
        NodeAttribute[] attributes = [];
        int outputs = 1;
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
            case "Slice":
                operands.AddRange(Draw.Parameters(draw.Int(0, height), -1), Draw.Parameters(draw.Of(-1, 100), draw.Of(0, -100)), Draw.Parameters(1, 3), Draw.Parameters(draw.Int(1, 2), -draw.Int(1, 2)));
                break;
            case "Split":
                axis = draw.Int(1, 3);
                long first = draw.Int(0, (int)shape[axis]);
                operands.Add(Draw.Parameters(first, shape[axis] - first));
                attributes = [new("axis", AttributeKind.Int, Int: axis)];
                outputs = 2;
                break;
            case "Expand":
                operands = [draw.Operand(new Shape(draw.Of(1, 3), draw.Of(1L, height), draw.Of(1L, width), draw.Of(1L, channels)), fill), Draw.Parameters(3, height, width, channels)];
                break;
            case "Gather":
                axis = draw.Int(0, 3);
                operands.Add(draw.Whole(draw.Of(ElementType.Int64, ElementType.Int32), new Shape(draw.List(draw.Int(0, 2), 1, 5)), -(int)shape[axis], (int)shape[axis] - 1, isConstant: draw.Chance(0.5)));
                attributes = [new("axis", AttributeKind.Int, Int: axis)];
                break;
            case "Reshape":
                operands.Add(Draw.Parameters(-1, channels));
                break;
            case "ChannelShuffle":
                operands = [draw.Operand(shape.With(3, block * channels), fill)];
                return new Case($"{op} seed {seed} {operands[0]!.Shape} in {block} groups {placement} {fill}", OpTable.Get<ChannelShuffleOp>(), new ChannelShuffleAttributes(3, block), operands, fill)
                {
                    Placement = placement,
                    Roundings = 1,
                };
            case "Squeeze" or "Unsqueeze":
                operands = [draw.Operand(shape.With(2, 1), fill), Draw.Parameters(2)];
                break;
            case "ConstantOfShape":
                operands = [draw.Whole(ElementType.Int64, new Shape(3), 1, 9, isConstant: true)];
                attributes = [new("value", AttributeKind.Tensor, Tensor: Tensor.From([2.5f], new Shape(1), "value"))];
                break;
            case "Identity" or "Flatten":
                break;
            default:
                attributes = [new("blocksize", AttributeKind.Int, Int: block)];
                break;
        }
        string name = $"{op} seed {seed} {string.Join(' ', operands.Select(o => o!.Shape))} "
            + $"{string.Join(' ', attributes.Select(a => $"{a.Name} {a.Int}{(a.Ints is null ? "" : Shape.Format(a.Ints))}"))} {placement} {fill}";
        return Case.Read(name, op, op == "Pad" ? 2 : 13, attributes, operands, fill, channelsLast: true) with { Placement = placement, Roundings = 1, OutputCount = outputs };
    }
}
