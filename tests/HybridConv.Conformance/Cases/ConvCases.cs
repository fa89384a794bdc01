using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Conv;

namespace HybridConv.Conformance.Cases;

/// <summary>
/// Convolutions: one to three spatial axes; pointwise, k x k, depthwise, with a multiplier, grouped; residuals, activations and views; images that are scaled on their way
/// in, and results that several tensors share.
/// </summary>
internal static class ConvCases
{
    private const long MostProducts = 60_000;

    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        for (int scale = 96; ; scale = scale * 3 / 4)
            if (Try(draw, fill, Math.Max(1, scale), MostProducts, Kind(draw)) is { } made)
                return made;
    }

    /// <summary>Groups so thin that several share a vector, as many channels wide at the output as at the input.</summary>
    public static Case Thin(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        while (true)
            if (Try(draw, fill, draw.Int(4, 40), MostProducts, "thin") is { } made)
                return made;
    }

    /// <summary>Convolutions that are enough work to be cut into parts.</summary>
    public static Case Large(int seed, Fill fill)
    {
        const long least = 400_000, most = 2_000_000;
        var draw = new Draw(seed);
        while (true)
            if (Try(draw, fill, 96, most, Kind(draw), least) is { } made)
                return made;
    }

    private static string Kind(Draw draw) => draw.Of("pointwise", "spatial", "spatial", "depthwise", "depthwise", "multiplier", "grouped");

    /// <summary>A convolution whose sizes do not exceed <paramref name="most"/>; null when it is too much work, or too little, or a window does not fit.</summary>
    private static Case? Try(Draw draw, Fill fill, int most, long mostProducts, string kind, long leastProducts = 0)
    {
        int spatial = draw.Chance(0.7) ? 2 : draw.Of(1, 3), batch = draw.Int(1, 3);
        int groups = kind is "depthwise" or "multiplier" ? draw.Channels(most) : kind == "grouped" ? draw.Int(2, 5) : kind == "thin" ? draw.Int(2, most) : 1;
        int groupChannels = kind is "depthwise" or "multiplier" ? 1 : kind == "thin" ? draw.Of(2, 4, 8) : draw.Channels(most), groupFilters = kind switch
        {
            "depthwise" => 1,
            "thin" => groupChannels,
            "multiplier" => draw.Int(2, 4),
            _ => draw.Channels(most),
        };
        long[] kernel = kind == "pointwise" ? draw.List(spatial, 1, 1) : draw.Chance(0.5) ? draw.List(spatial, 3, 3) : draw.List(spatial, 1, 5);
        long[] strides = draw.Chance(0.5) ? draw.List(spatial, 1, 1) : draw.List(spatial, 1, 3);
        long[] dilations = draw.Chance(0.8) ? draw.List(spatial, 1, 1) : draw.List(spatial, 1, 3);
        long[] pads = kind == "pointwise" && draw.Chance(0.9) ? draw.List(2 * spatial, 0, 0) : draw.Chance(0.9) ? draw.List(2 * spatial, 0, 2) : draw.List(2 * spatial, 3, 7);
        bool channelsLast = draw.Chance(0.9), bias = draw.Chance(0.8), residual = draw.Chance(0.25), constant = draw.Chance(0.95);
        Activation activation = draw.Activation();
        Placement placement = draw.Placement();

        long[] image = new long[spatial], output = new long[spatial];
        for (int axis = 0; axis < spatial; axis++)
        {
            image[axis] = draw.Length(spatial == 3 ? 9 : most);
            long room = image[axis] + pads[axis] + pads[axis + spatial] - ((kernel[axis] - 1) * dilations[axis] + 1);
            if (room < 0)
                return null;
            output[axis] = room / strides[axis] + 1;
        }
        long filters = groups * groupFilters, depth = groupChannels * Product(kernel);
        long products = batch * Product(output) * filters * depth;
        if (products > mostProducts || products < leastProducts || batch * Product(image) * groups * groupChannels > mostProducts)
            return null;

        bool scaled = draw.Chance(kind == "pointwise" ? 0.4 : 0.05), shifted = scaled && draw.Chance(0.5);
        long[]? parts = !residual && draw.Chance(kind == "pointwise" ? 0.4 : 0.05) ? Cut(draw, filters) : null;
        var attributes = new ConvAttributes(kernel, strides, dilations, pads, groups, AutoPad.NotSet, channelsLast, activation, scaled ? draw.Activation() : default, parts);
        var operands = new List<CaseOperand?>
        {
            draw.Operand(Image(batch, groups * groupChannels, image, channelsLast), fill),
            draw.Operand(new Shape([filters, groupChannels, .. kernel]), fill, constant),
        };
        operands.Add(bias ? draw.Operand(new Shape(filters), fill, constant) : null);
        operands.Add(residual ? draw.Operand(Image(batch, filters, output, channelsLast), fill) : null);
        Shape numbers = Image(draw.Of(1, batch), groups * groupChannels, [.. image.Select(_ => 1L)], channelsLast);
        operands.Add(scaled ? draw.Operand(numbers, fill) : null);
        operands.Add(shifted ? draw.Operand(numbers, fill) : null);
        string name = $"conv seed {draw.Seed} {kind} {Image(batch, groups * groupChannels, image, channelsLast)} to {filters} g{groups} k{Shape.Format(kernel)} s{Shape.Format(strides)} "
            + $"d{Shape.Format(dilations)} p{Shape.Format(pads)}{(bias ? " bias" : "")}{(residual ? " residual" : "")}{(constant ? "" : " open weights")}"
            + $"{(scaled ? $" scaled {numbers[0]} {attributes.InputActivation}" : "")}{(shifted ? " shifted" : "")}{(parts is null ? "" : $" parts {Shape.Format(parts)}")} {activation} {placement} {fill}";
        return new Case(name, new ConvOp(), attributes, operands, fill) { Placement = placement, Roundings = (int)depth + 3 + (scaled ? 1 : 0), OutputCount = parts?.Length ?? 1 };
    }

    /// <summary>Up to four parts that together have so many channels.</summary>
    private static long[] Cut(Draw draw, long channels)
    {
        var parts = new List<long>();
        for (; parts.Count < 3 && channels > 1; channels -= parts[^1])
            parts.Add(draw.Int(1, (int)channels - 1));
        return [.. parts, channels];
    }

    public static Shape Image(long batch, long channels, long[] sizes, bool channelsLast) =>
        channelsLast ? new Shape([batch, .. sizes, channels]) : new Shape([batch, channels, .. sizes]);

    public static long Product(long[] values) => values.Aggregate(1L, (a, b) => a * b);
}
