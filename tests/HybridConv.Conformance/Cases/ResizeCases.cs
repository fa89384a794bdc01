using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Conformance.Cases;

/// <summary>Images of another size, as files write them: every mode, every meaning of positions, mostly channels last; sometimes also other batches and channels.</summary>
internal static class ResizeCases
{
    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        Placement placement = draw.Placement();
        if (draw.Chance(0.1))
            return Upsample(draw, fill, placement);
        int height = draw.Length(20), width = draw.Length(20);
        var shape = new Shape(draw.Int(1, 2), height, width, draw.Channels(65));
        string mode = draw.Of<string>("nearest", "linear", "linear", "cubic");
        string coordinates = draw.Of<string>("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric", "half_pixel_symmetric", "tf_crop_and_resize");
        bool antialias = mode != "nearest" && draw.Chance(0.2);
        NodeAttribute[] attributes =
        [
            new("mode", AttributeKind.Text, Text: mode), new("coordinate_transformation_mode", AttributeKind.Text, Text: coordinates),
            new("nearest_mode", AttributeKind.Text, Text: draw.Of<string>("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")),
            new("antialias", AttributeKind.Int, Int: antialias ? 1 : 0), new("exclude_outside", AttributeKind.Int, Int: mode == "cubic" && draw.Chance(0.3) ? 1 : 0),
        ];
        long[] outer = draw.Chance(0.8) ? [shape[0], shape[3]] : [draw.Int(1, 3), draw.Int(1, 20)];
        // A region that lies partly outside: its first and last positions along each axis.
        CaseOperand? region = coordinates == "tf_crop_and_resize"
            ? new([.. Enumerable.Range(0, 8).Select(i => draw.Chance(0.5) ? i / 4 : i / 4 + draw.Int(-3, 3) / 8f)], new Shape(8), IsConstant: true)
            : null;
        CaseOperand sizes = Draw.Parameters(outer[0], draw.Chance(0.4) ? 2 * height : draw.Int(1, 30), draw.Chance(0.4) ? 2 * width : draw.Int(1, 30), outer[1]);
        string name = $"resize seed {seed} {shape} to {string.Join('x', sizes.Data)} {string.Join(' ', attributes.Select(a => $"{a.Text}{a.Int}"))} {string.Join(' ', region?.Data ?? [])} {placement} {fill}";
        return Case.Read(name, "Resize", 19, attributes, [draw.Operand(shape, fill), region, null, sizes], fill) with { Placement = placement };
    }

    /// <summary>The oldest form.</summary>
    private static Case Upsample(Draw draw, Fill fill, Placement placement)
    {
        var shape = new Shape(draw.Int(1, 2), draw.Length(20), draw.Length(20), draw.Channels(65));
        string mode = draw.Of<string>("nearest", "linear");
        float[] scales = [1, draw.Of(1f, 1.5f, 2f), draw.Of(1f, 1.25f, 3f), 1];
        NodeAttribute[] attributes = [new("mode", AttributeKind.Text, Text: mode)];
        return Case.Read($"upsample seed {draw.Seed} {shape} by {string.Join('x', scales)} {mode} {placement} {fill}", "Upsample", 9, attributes,
            [draw.Operand(shape, fill), new CaseOperand(scales, new Shape(4), IsConstant: true)], fill) with
        { Placement = placement };
    }
}
