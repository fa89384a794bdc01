using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Pool;

namespace HybridConv.Conformance.Cases;

/// <summary>
/// Convolutions and pools whose parameters no network has: filters larger than the image, dilations and strides beyond it, windows wholly in the padding,
/// images of one pixel, very many channels or groups, and empty batches.
/// </summary>
internal static class ExtremeCases
{
    private const long MostWork = 60_000;

    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        while (true)
            if ((draw.Chance(0.6) ? Convolution(draw, fill) : Pool(draw, fill)) is { } made)
                return made;
    }

    private static Case? Convolution(Draw draw, Fill fill)
    {
        (int spatial, long batch, long[] image, long[] kernel, long[] strides, long[] dilations, long[] pads) = Window(draw, padsBelow: int.MaxValue);
        if (Outputs(image, kernel, strides, dilations, pads) is not { } output)
            return null;
        int groups = draw.Of(1, 1, 2, 7, 64, 500), groupChannels = draw.Of(1, 1, 2, 3, 17, 2000), groupFilters = draw.Of(1, 1, 2, 5, 33, 300);
        long channels = (long)groups * groupChannels, filters = (long)groups * groupFilters, depth = groupChannels * ConvCases.Product(kernel);
        if (ConvCases.Product(output) * filters * depth > MostWork || ConvCases.Product(image) * channels > MostWork || filters * depth > MostWork)
            return null;
        bool channelsLast = draw.Chance(0.9), bias = draw.Chance(0.7), residual = draw.Chance(0.2);
        Activation activation = draw.Activation();
        Placement placement = draw.Placement();
        var attributes = new ConvAttributes(kernel, strides, dilations, pads, groups, AutoPad.NotSet, channelsLast, activation);
        var operands = new List<CaseOperand?>
        {
            draw.Operand(ConvCases.Image(batch, channels, image, channelsLast), fill),
            draw.Operand(new Shape([filters, groupChannels, .. kernel]), fill, isConstant: true),
        };
        if (bias || residual)
            operands.Add(bias ? draw.Operand(new Shape(filters), fill, isConstant: true) : null);
        if (residual)
            operands.Add(draw.Operand(ConvCases.Image(batch, filters, output, channelsLast), fill));
        string name = $"extreme conv seed {draw.Seed} {operands[0]!.Shape} to {filters} g{groups} k{Shape.Format(kernel)} s{Shape.Format(strides)} d{Shape.Format(dilations)} "
            + $"p{Shape.Format(pads)}{(bias ? " bias" : "")}{(residual ? " residual" : "")} {activation} {placement} {fill} spatial {spatial}";
        return new Case(name, new ConvOp(), attributes, operands, fill) { Placement = placement, Roundings = (int)depth + 3 };
    }

    private static Case? Pool(Draw draw, Fill fill)
    {
        (int _, long batch, long[] image, long[] kernel, long[] strides, long[] dilations, long[] pads) = Window(draw, padsBelow: 40);
        if (Outputs(image, kernel, strides, dilations, pads) is not { } output)
            return null;
        int channels = draw.Of(1, 2, 17, 65, 2000);
        if (channels * ConvCases.Product(output) * ConvCases.Product(kernel) > MostWork || channels * ConvCases.Product(image) > MostWork)
            return null;
        bool channelsLast = draw.Chance(0.9), average = draw.Chance(0.5);
        Placement placement = draw.Placement();
        var attributes = new PoolAttributes(kernel, strides, dilations, pads, AutoPad.NotSet, draw.Chance(0.4), average && draw.Chance(0.5), ChannelsLast: channelsLast);
        CaseOperand operand = draw.Operand(ConvCases.Image(batch, channels, image, channelsLast), fill);
        string name = $"extreme pool seed {draw.Seed} average {average} {operand.Shape} k{Shape.Format(kernel)} s{Shape.Format(strides)} d{Shape.Format(dilations)} p{Shape.Format(pads)} "
            + $"ceil {attributes.CeilMode} counted {attributes.CountIncludePad} {placement} {fill}";
        return new Case(name, average ? new AveragePoolOp() : new MaxPoolOp(), attributes, [operand], fill)
        {
            Placement = placement,
            Roundings = (int)ConvCases.Product(kernel) + 1,
            IsExactOnWhole = !average,
        };
    }

    private static (int Spatial, long Batch, long[] Image, long[] Kernel, long[] Strides, long[] Dilations, long[] Pads) Window(Draw draw, int padsBelow)
    {
        int spatial = draw.Int(1, 3);
        long[] image = new long[spatial], kernel = new long[spatial], strides = new long[spatial], dilations = new long[spatial], pads = new long[2 * spatial];
        for (int axis = 0; axis < spatial; axis++)
        {
            image[axis] = draw.Of(1, 1, 2, 3, 5, 16, 33);
            kernel[axis] = draw.Of(1, 2, 3, 4, 7, 20);
            strides[axis] = draw.Of(1, 1, 2, 5, 40, 65_537, int.MaxValue);
            dilations[axis] = draw.Of(1, 1, 2, 6, 31, 300);
            // Enough for one window at least, most of the time.
            long missing = Math.Max(0, (kernel[axis] - 1) * dilations[axis] + 1 - image[axis]), begin = draw.Of(0, 1, missing / 2, missing, missing + 3);
            (pads[axis], pads[axis + spatial]) = (Math.Min(begin, padsBelow), Math.Min(Math.Max(0, missing - begin) + draw.Of(0, 0, 1, 9), padsBelow));
        }
        return (spatial, draw.Chance(0.05) ? 0 : draw.Int(1, 2), image, kernel, strides, dilations, pads);
    }

    /// <summary>The output's sizes; null where a window does not fit, or there would be very many outputs.</summary>
    private static long[]? Outputs(long[] image, long[] kernel, long[] strides, long[] dilations, long[] pads)
    {
        var output = new long[image.Length];
        for (int axis = 0; axis < output.Length; axis++)
        {
            long room = image[axis] + pads[axis] + pads[axis + output.Length] - ((kernel[axis] - 1) * dilations[axis] + 1);
            if (room < 0)
                return null;
            output[axis] = room / strides[axis] + 1;
            if (output[axis] > 1_000)
                return null;
        }
        return output;
    }
}
