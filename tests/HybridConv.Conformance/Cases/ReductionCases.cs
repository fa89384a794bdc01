using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Conformance.Cases;

/// <summary>Sums, means and maxima over axes, and the normalizations, as a file writes them.</summary>
internal static class ReductionCases
{
    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        string op = draw.Of<string>("ReduceSum", "ReduceMean", "ReduceMax", "BatchNormalization", "LRN");
        Placement placement = draw.Placement();
        int channels = draw.Channels(96);
        var shape = new Shape(draw.Int(1, 3), draw.Length(33), draw.Int(1, 9), channels);
        CaseOperand image = draw.Operand(shape, fill);
        string name = $"{op} seed {seed} {shape} {placement} {fill}";
        switch (op)
        {
            case "BatchNormalization":
                CaseOperand Vector(float least) =>
                    draw.Operand(new Shape(channels), Fill.Real, true) is var o && least > 0 ? o with { Data = Array.ConvertAll(o.Data, x => Math.Abs(x) + least) } : o;
                CaseOperand?[] operands = [image, Vector(0), Vector(0), Vector(0), Vector(0.1f)];
                return Case.Read(name, op, 15, [], operands, fill, channelsLast: true) with { Placement = placement };
            case "LRN":
                NodeAttribute[] window = [new("size", AttributeKind.Int, Int: draw.Of(1, 3, 5)), new("alpha", AttributeKind.Float, Float: 0.01f)];
                bool last = draw.Chance(0.7);
                return Case.Read($"{name} {(last ? "last" : "first")}", op, 13, window, [image], fill, channelsLast: last) with { Placement = placement };
            default:
                long[] axes = draw.Of<long[]>([3], [1, 2], [2, 3], [1], [0], [1, 2, 3], [-1]);
                NodeAttribute[] attributes = [new("axes", AttributeKind.Ints, Ints: axes), new("keepdims", AttributeKind.Int, Int: draw.Int(0, 1))];
                long terms = axes.Aggregate(1L, (product, axis) => product * shape[(int)axis]);
                return Case.Read($"{name} over {Shape.Format(axes)}", op, 11, attributes, [image], fill) with
                {
                    Placement = placement,
                    Roundings = op == "ReduceMax" ? 1 : (int)terms + 1,
                    IsExactOnWhole = op != "ReduceMean",
                };
        }
    }
}
