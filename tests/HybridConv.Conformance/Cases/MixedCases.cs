using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Conformance.Cases;

/// <summary>Operators with floats on one side and other types on the other: comparisons, choices, casts; and elementwise ones that have operands which other cases leave out.</summary>
internal static class MixedCases
{
    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        string op = draw.Of<string>("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual", "Where", "Mod", "Clip", "Cast", "CastLike", "Max", "Dropout", "Range");
        Placement placement = draw.Placement();
        var shape = new Shape([draw.Int(1, 3), .. draw.List(draw.Int(0, 2), 1, 9), draw.Channels(96)]);
        CaseOperand Same() => draw.Operand(draw.Chance(0.5) ? shape : shape.With(draw.Int(0, shape.Rank - 1), 1), fill);
        CaseOperand Single() => draw.Operand(Shape.Scalar, fill);

        NodeAttribute[] attributes = [];
        int outputs = 1;
        List<CaseOperand?> operands = [draw.Operand(shape, fill)];
        switch (op)
        {
            case "Range":
                operands = [new CaseOperand([draw.Int(-9, 9) / 8f], Shape.Scalar, IsConstant: true), new CaseOperand([draw.Int(10, 90)], Shape.Scalar, IsConstant: true), new CaseOperand([0.1f], Shape.Scalar, IsConstant: true)];
                break;
            case "Where":
                operands = [draw.Whole(ElementType.Bool, shape, 0, 1), Same(), Same()];
                break;
            case "Clip":
                operands.AddRange(draw.Of<CaseOperand?[]>([Single(), Single()], [Single()], [null, Single()]));
                break;
            case "Cast":
                (ElementType from, ElementType to) = draw.Of(
                    (ElementType.Float32, ElementType.Float32), (ElementType.Float32, ElementType.Int32), (ElementType.Float32, ElementType.Int64), (ElementType.Float32, ElementType.UInt8), (ElementType.Float32, ElementType.Bool),
                    (ElementType.Int32, ElementType.Float32), (ElementType.Int64, ElementType.Float32), (ElementType.UInt8, ElementType.Float32), (ElementType.Bool, ElementType.Float32));
                attributes = [new("to", AttributeKind.Int, Int: (long)to)];
                if (from != ElementType.Float32)
                    operands = [draw.Whole(from, shape, from is ElementType.Int32 or ElementType.Int64 ? -1000 : 0, from == ElementType.Bool ? 1 : 255)];
                break;
            case "CastLike":
                operands.Add(draw.Whole(draw.Of(ElementType.Int32, ElementType.Bool, ElementType.Float32), new Shape(1), 0, 1));
                break;
            case "Max":
                operands.AddRange(Same(), Same());
                break;
            case "Mod":
                attributes = [new("fmod", AttributeKind.Int, Int: 1)];
                operands.Add(Same());
                break;
            case "Dropout":
                outputs = draw.Int(1, 2);
                break;
            default:
                operands.Add(Same());
                break;
        }
        string name = $"{op} seed {seed} {string.Join(" with ", operands.Select(o => o is null ? "nothing" : $"{o.Type.Label()} {o.Shape}"))} "
            + $"{string.Join(' ', attributes.Select(a => $"{a.Name} {a.Int}"))} {placement} {fill}";
        return Case.Read(name, op, 19, attributes, operands, fill) with { Placement = placement, OutputCount = outputs };
    }
}
