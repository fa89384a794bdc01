using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Gemm;

namespace HybridConv.Conformance.Cases;

/// <summary>
/// Channels-last convolutions and products of constant weights, for kernels that compute in tiles: numbers of pixels and filters around the edges of every tile,
/// reductions around whole stages and long enough to be shared out, first layers, thin groups, long depthwise lines, images around Winograd's tiles, and batches
/// of a few pixels.
/// </summary>
internal static class TileCases
{
    private const long MostProducts = 400_000;

    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        while (true)
            if ((draw.Int(0, 6) switch
            {
                0 => Pointwise(draw, fill),
                1 => Convolution(draw, fill, "first", groups: 1, draw.Of(1, 2, 3), draw.Of(8, 16, 24, 33), draw.Of(3, 5, 7), draw.Of(1, 2), draw.Int(5, 24)),
                2 => Convolution(draw, fill, "square", groups: 1, draw.Of(8, 12, 16, 17), draw.Of(8, 11, 20, 32, 40), kernel: 3, stride: 1, draw.Int(1, 11)),
                3 => Convolution(draw, fill, "deep", groups: 1, draw.Of(20, 32, 60), draw.Of(5, 32, 36), draw.Of(1, 3, 5), draw.Of(1, 2), draw.Int(1, 6)),
                4 => Convolution(draw, fill, "thin", draw.Of(2, 3, 8), draw.Of(2, 4, 8), draw.Of(2, 4, 8, 9), draw.Of(1, 3), draw.Of(1, 2), draw.Int(3, 12)),
                5 => Depthwise(draw, fill),
                _ => Vectors(draw, fill),
            }) is { } made)
                return made;
    }

    private static int Edge(Draw draw) => draw.Of(1, 2, 3, 4, 7, 8, 16, 31, 32, 33, 63, 64, 65, 96, 127, 128, 129, 130);

    private static Case? Pointwise(Draw draw, Fill fill)
    {
        int channels = draw.Of(1, 3, 4, 15, 16, 17, 20, 32, 36, 48, 64);
        return Convolution(draw, fill, "pointwise", groups: 1, channels, Edge(draw), kernel: 1, draw.Of(1, 1, 2), size: 0, line: Edge(draw));
    }

    private static Case? Depthwise(Draw draw, Fill fill)
    {
        int channels = draw.Of(4, 7, 31, 32, 33, 36, 64, 72), multiplier = draw.Of(1, 1, 1, 2);
        return Convolution(draw, fill, "depthwise", channels, 1, multiplier, draw.Of(2, 3, 5, 7), draw.Of(1, 1, 2, 3), draw.Int(1, 21));
    }

    /// <summary>A convolution of images about square, or of one line of pixels; null when it is too much work or the filter does not fit.</summary>
    private static Case? Convolution(
        Draw draw, Fill fill, string kind, int groups, int groupChannels, int groupFilters, int kernel, int stride, int size, int line = 0)
    {
        long[] image = line > 0 ? [1, line] : [size, Math.Max(1, size + draw.Int(-2, 2))];
        int batch = draw.Int(1, 2), dilation = draw.Chance(0.9) ? 1 : 2, most = kernel == 1 ? 0 : kernel / 2 + 1;
        long[] pads = draw.List(4, 0, most);
        var output = new long[2];
        for (int axis = 0; axis < 2; axis++)
        {
            long room = image[axis] + pads[axis] + pads[axis + 2] - ((kernel - 1) * dilation + 1);
            if (room < 0)
                return null;
            output[axis] = room / stride + 1;
        }
        long channels = (long)groups * groupChannels, filters = (long)groups * groupFilters, depth = (long)groupChannels * kernel * kernel;
        if (batch * ConvCases.Product(output) * filters * depth > MostProducts)
            return null;
        Activation activation = draw.Activation();
        // Most views start at multiples of four elements, as those of networks do.
        Placement placement = draw.Chance(0.7) ? Placement.Dense : draw.Placement();
        bool bias = draw.Chance(0.8), residual = draw.Chance(0.25);
        var attributes = new ConvAttributes([kernel, kernel], [stride, stride], [dilation, dilation], pads, groups, AutoPad.NotSet, true, activation);
        CaseOperand?[] operands =
        [
            draw.Operand(ConvCases.Image(batch, channels, image, channelsLast: true), fill),
            draw.Operand(new Shape(filters, groupChannels, kernel, kernel), fill, isConstant: true),
            bias ? draw.Operand(new Shape(filters), fill, isConstant: true) : null,
            residual ? draw.Operand(ConvCases.Image(batch, filters, output, channelsLast: true), fill) : null,
        ];
        string name = $"tiles seed {draw.Seed} {kind} {operands[0]!.Shape} to {filters} g{groups} k{kernel} s{stride} d{dilation} p{Shape.Format(pads)}"
            + $"{(bias ? " bias" : "")}{(residual ? " residual" : "")} {activation} {placement} {fill}";
        return new Case(name, new ConvOp(), attributes, operands, fill) { Placement = placement, Roundings = (int)depth + 3 };
    }

    /// <summary>A fully connected layer of a few images.</summary>
    private static Case Vectors(Draw draw, Fill fill)
    {
        int rows = draw.Of(1, 1, 2, 4, 5, 8, 17), depth = draw.Of(1, 3, 4, 30, 64, 129, 260, 300), columns = Edge(draw);
        bool transposed = draw.Chance(0.5), bias = draw.Chance(0.7);
        Activation activation = draw.Activation();
        CaseOperand?[] operands =
        [
            draw.Operand(new Shape(rows, depth), fill),
            draw.Operand(transposed ? new Shape(columns, depth) : new Shape(depth, columns), fill, isConstant: true),
            bias ? draw.Operand(new Shape(columns), fill, isConstant: true) : null,
        ];
        string name = $"tiles seed {draw.Seed} vectors {operands[0]!.Shape} by {operands[1]!.Shape}{(bias ? " bias" : "")} {activation} {fill}";
        return new Case(name, new GemmOp(), new GemmAttributes(1, 1, false, transposed, activation), operands, fill) { Roundings = depth + 3 };
    }
}
