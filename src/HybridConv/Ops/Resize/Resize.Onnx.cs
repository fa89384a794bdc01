namespace HybridConv.Ops.Resize;

internal partial class ResizeOp
{
    public override object Read(NodeReader node)
    {
        ResizeAttributes attributes = node.Opset < 11 ? Oldest(node) : Newest(node);
        node.RequireAllAsked();
        return attributes;
    }

    /// <summary>The form of opset 10, and of Upsample: positions are output index / scale.</summary>
    protected static ResizeAttributes Oldest(NodeReader node)
    {
        string mode = node.Text("mode", "nearest");
        return new ResizeAttributes(
            mode switch
            {
                "nearest" => ResizeMode.Nearest,
                "linear" or "bilinear" => ResizeMode.Linear,
                _ => throw node.Unsupported($"the mode '{mode}' is not known"),
            },
            Coordinates.Asymmetric, Rounding.Simple);
    }

    private static ResizeAttributes Newest(NodeReader node)
    {
        string mode = node.Text("mode", "nearest"), coordinates = node.Text("coordinate_transformation_mode", "half_pixel");
        string rounding = node.Text("nearest_mode", "round_prefer_floor");
        string aspect = node.Opset < 18 ? "stretch" : node.Text("keep_aspect_ratio_policy", "stretch");
        var attributes = new ResizeAttributes(
            mode switch
            {
                "nearest" => ResizeMode.Nearest,
                "linear" => ResizeMode.Linear,
                "cubic" => ResizeMode.Cubic,
                _ => throw node.Unsupported($"the mode '{mode}' is not known"),
            },
            coordinates switch
            {
                "half_pixel" => Coordinates.HalfPixel,
                "pytorch_half_pixel" => Coordinates.PytorchHalfPixel,
                "align_corners" => Coordinates.AlignCorners,
                "asymmetric" => Coordinates.Asymmetric,
                "tf_crop_and_resize" => Coordinates.TfCropAndResize,
                "tf_half_pixel_for_nn" when node.Opset < 13 => Coordinates.TfHalfPixelForNearest,
                "half_pixel_symmetric" when node.Opset >= 19 => Coordinates.HalfPixelSymmetric,
                _ => throw node.Unsupported($"the coordinate_transformation_mode '{coordinates}' is not known"),
            },
            rounding switch
            {
                "round_prefer_floor" => Rounding.PreferFloor,
                "round_prefer_ceil" => Rounding.PreferCeil,
                "floor" => Rounding.Floor,
                "ceil" => Rounding.Ceil,
                _ => throw node.Unsupported($"the nearest_mode '{rounding}' is not known"),
            },
            node.Float("cubic_coeff_a", -0.75f),
            node.Int("exclude_outside", 0) != 0,
            node.Float("extrapolation_value", 0),
            node.Opset >= 18 && node.Int("antialias", 0) != 0,
            aspect switch
            {
                "stretch" => AspectRatio.Stretch,
                "not_larger" => AspectRatio.NotLarger,
                "not_smaller" => AspectRatio.NotSmaller,
                _ => throw node.Unsupported($"the keep_aspect_ratio_policy '{aspect}' is not known"),
            },
            node.Opset >= 18 ? node.Ints("axes") : null);
        if (attributes is { Antialias: true, Mode: ResizeMode.Nearest })
            throw node.Unsupported("antialias with the mode 'nearest' is not supported");
        if (!float.IsFinite(attributes.CubicA))
            throw node.Unsupported(FormattableString.Invariant($"cubic_coeff_a is {attributes.CubicA}, which is not finite"));
        return attributes;
    }
}

/// <summary>What Resize was called before opset 10.</summary>
internal sealed class UpsampleOp : ResizeOp
{
    public override string Name => "Upsample";
    public override IReadOnlyList<int> Opsets { get; } = [1, 7, 9, 10];
    public override (int Min, int Max) Inputs => (1, 2);

    public override object Read(NodeReader node)
    {
        ResizeAttributes attributes = Oldest(node);
        if (node.Opset < 7)
        {
            if (!node.Has("height_scale") || !node.Has("width_scale"))
                throw node.Unsupported("it says no scales");
            attributes = attributes with { Scales = [1, 1, node.Float("height_scale", 1), node.Float("width_scale", 1)] };
        }
        else if (node.Opset < 9)
            attributes = attributes with { Scales = [.. (node.Floats("scales") ?? throw node.Unsupported("it says no scales")).Select(scale => (double)scale)] };
        else if (node.InputCount < 2)
            throw node.Unsupported("it says no scales");
        node.RequireAllAsked();
        return attributes;
    }
}
