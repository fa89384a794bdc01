using HybridConv.Graphs;

namespace HybridConv;

/// <summary>How a resized picture takes its pixels from the original.</summary>
public enum ResizeMode
{
    /// <summary>The pixel whose area holds the position.</summary>
    Nearest,
    /// <summary>Between the four neighbouring pixels, pixel centres aligned.</summary>
    Linear,
}

/// <content>Layers that pool, resize and rearrange.</content>
public readonly partial struct NetValue
{
    /// <summary>The largest value of each window.</summary>
    /// <param name="kernel">The window's size.</param>
    /// <param name="stride">The step between windows; null for the window's size.</param>
    /// <param name="pad">Pixels around the picture that no window counts.</param>
    /// <param name="ceil">Whether a last window may begin inside the picture and end outside.</param>
    /// <param name="name">The layer's name.</param>
    public NetValue MaxPool(Extent kernel, Extent? stride = null, Padding pad = default, bool ceil = false, string? name = null) =>
        Unary("MaxPool", name, ModelBuilder.Attribute("kernel_shape", kernel.ToArray()), ModelBuilder.Attribute("strides", (stride ?? kernel).ToArray()),
            ModelBuilder.Attribute("pads", pad.ToArray()), ModelBuilder.Attribute("ceil_mode", ceil ? 1 : 0));

    /// <summary>The mean of each window.</summary>
    /// <param name="kernel">The window's size.</param>
    /// <param name="stride">The step between windows; null for the window's size.</param>
    /// <param name="pad">Zeros around the picture.</param>
    /// <param name="ceil">Whether a last window may begin inside the picture and end outside.</param>
    /// <param name="countPad">Whether the zeros count in the mean.</param>
    /// <param name="name">The layer's name.</param>
    public NetValue AveragePool(Extent kernel, Extent? stride = null, Padding pad = default, bool ceil = false, bool countPad = false, string? name = null) =>
        Unary("AveragePool", name, ModelBuilder.Attribute("kernel_shape", kernel.ToArray()), ModelBuilder.Attribute("strides", (stride ?? kernel).ToArray()),
            ModelBuilder.Attribute("pads", pad.ToArray()), ModelBuilder.Attribute("ceil_mode", ceil ? 1 : 0), ModelBuilder.Attribute("count_include_pad", countPad ? 1 : 0));

    /// <summary>The mean of each channel over the whole picture, as a picture of one pixel.</summary>
    public NetValue GlobalAveragePool(string? name = null) => Unary("GlobalAveragePool", name);

    /// <summary>Joins this value and others along the channels.</summary>
    public NetValue Concat(params ReadOnlySpan<NetValue> others) => Builder.Concat([this, .. others]);

    /// <summary>Joins all axes from <paramref name="axis"/> on.</summary>
    public NetValue Flatten(int axis = 1, string? name = null) => Unary("Flatten", name, ModelBuilder.Attribute("axis", axis));

    /// <summary>The same elements in another shape; 0 keeps a size, and one -1 takes what is left.</summary>
    public NetValue Reshape(ReadOnlySpan<long> shape, string? name = null)
    {
        string layer = Builder.LayerName(name, "reshape");
        return Builder.Add("Reshape", layer, [Value, Builder.Parameter($"{layer}.shape", shape.ToArray())]);
    }

    /// <summary>Axis i of the result is axis <paramref name="permutation"/>[i] of this value.</summary>
    public NetValue Transpose(ReadOnlySpan<int> permutation, string? name = null) =>
        Unary("Transpose", name, ModelBuilder.Attribute("perm", Array.ConvertAll(permutation.ToArray(), axis => (long)axis)));

    /// <summary>Parts of these sizes along an axis; by default along the channels.</summary>
    public NetValue[] Split(ReadOnlySpan<long> sizes, int axis = 1, string? name = null)
    {
        string layer = Builder.LayerName(name, "split");
        return Builder.Add("Split", layer, sizes.Length, [Value, Builder.Parameter($"{layer}.sizes", sizes.ToArray())], ModelBuilder.Attribute("axis", axis));
    }

    /// <summary>Equal parts along an axis; by default along the channels.</summary>
    public NetValue[] Split(int parts, int axis = 1, string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(parts, 1);
        Shape shape = Value.KnownShape;
        int index = axis < 0 ? axis + shape.Rank : axis;
        if (index < 0 || index >= shape.Rank || shape[index] % parts != 0)
            throw new ShapeException($"'{Name}' {shape} cannot be cut into {parts} equal parts along axis {axis}");
        var sizes = new long[parts];
        Array.Fill(sizes, shape[index] / parts);
        return Split(sizes, axis, name);
    }

    /// <summary>Surrounds pictures with pixels of one value.</summary>
    public NetValue Pad(Padding pad, float value = 0, string? name = null)
    {
        string layer = Builder.LayerName(name, "pad");
        Value pads = Builder.Parameter($"{layer}.pads", 0, 0, pad.Top, pad.Left, 0, 0, pad.Bottom, pad.Right);
        return Builder.Add("Pad", layer, [Value, pads, Builder.Scalar($"{layer}.value", value)]);
    }

    /// <summary>Resizes pictures to a multiple of their size.</summary>
    public NetValue ResizeBy(float scale, ResizeMode mode = ResizeMode.Nearest, string? name = null)
    {
        string layer = Builder.LayerName(name, "resize");
        return Builder.Add("Resize", layer, [Value, null, Builder.Parameter($"{layer}.scales", [1, 1, scale, scale])], Mode(mode));
    }

    /// <summary>Resizes pictures to a given size.</summary>
    public NetValue ResizeTo(Extent size, ResizeMode mode = ResizeMode.Nearest, string? name = null)
    {
        string layer = Builder.LayerName(name, "resize");
        Value sizes = Builder.Parameter($"{layer}.sizes", size.Height, size.Width);
        return Builder.Add("Resize", layer, [Value, null, null, sizes], [.. Mode(mode), ModelBuilder.Attribute("axes", 2, 3)]);
    }

    private static Ops.NodeAttribute[] Mode(ResizeMode mode) =>
    [
        ModelBuilder.Attribute("mode", mode == ResizeMode.Nearest ? "nearest" : "linear"),
        ModelBuilder.Attribute("coordinate_transformation_mode", mode == ResizeMode.Nearest ? "asymmetric" : "half_pixel"),
        ModelBuilder.Attribute("nearest_mode", "floor"),
    ];
}
