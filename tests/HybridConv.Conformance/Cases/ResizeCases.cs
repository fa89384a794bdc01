using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Conformance.Cases;

/// <summary>Images of another size, as files write them: every mode, every meaning of positions, channels last.</summary>
internal static class ResizeCases
{
    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        Placement placement = draw.Placement();
        int height = draw.Length(20), width = draw.Length(20);
        var shape = new Shape(draw.Int(1, 2), height, width, draw.Channels(65));
        string mode = draw.Of<string>("nearest", "linear", "linear", "cubic");
        string coordinates = draw.Of<string>("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric");
        bool antialias = mode != "nearest" && draw.Chance(0.2);
        NodeAttribute[] attributes =
        [
            new("mode", AttributeKind.Text, Text: mode), new("coordinate_transformation_mode", AttributeKind.Text, Text: coordinates),
            new("nearest_mode", AttributeKind.Text, Text: draw.Of<string>("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")),
            new("antialias", AttributeKind.Int, Int: antialias ? 1 : 0), new("exclude_outside", AttributeKind.Int, Int: mode == "cubic" && draw.Chance(0.3) ? 1 : 0),
        ];
        CaseOperand sizes = Draw.Parameters(shape[0], draw.Chance(0.4) ? 2 * height : draw.Int(1, 30), draw.Chance(0.4) ? 2 * width : draw.Int(1, 30), shape[3]);
        string name = $"resize seed {seed} {shape} to {string.Join('x', sizes.Data)} {string.Join(' ', attributes.Select(a => $"{a.Text}{a.Int}"))} {placement} {fill}";
        return Case.Read(name, "Resize", 19, attributes, [draw.Operand(shape, fill), null, null, sizes], fill) with { Placement = placement };
    }
}
