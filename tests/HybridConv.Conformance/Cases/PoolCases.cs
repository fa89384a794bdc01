using HybridConv.Ops;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Pool;

namespace HybridConv.Conformance.Cases;

/// <summary>Maxima and averages over windows and over whole images, with padding, dilation and ceil mode.</summary>
internal static class PoolCases
{
    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        int spatial = draw.Chance(0.7) ? 2 : draw.Of(1, 3), batch = draw.Int(1, 3), channels = draw.Channels(96);
        bool channelsLast = draw.Chance(0.9), indices = !channelsLast && draw.Chance(0.5);
        Placement placement = draw.Placement();
        long[] kernel = draw.List(spatial, 1, 4), strides = draw.List(spatial, 1, 3), dilations = draw.Chance(0.7) ? draw.List(spatial, 1, 1) : draw.List(spatial, 1, 3);
        long[] pads = draw.Chance(0.8) ? draw.List(2 * spatial, 0, 1) : draw.List(2 * spatial, 2, 5), image = new long[spatial];
        for (int axis = 0; axis < spatial; axis++)
            image[axis] = (kernel[axis] - 1) * dilations[axis] + draw.Int(1, spatial == 3 ? 4 : 14);
        var window = new PoolAttributes(kernel, strides, dilations, pads, AutoPad.NotSet, draw.Chance(0.4), draw.Chance(0.5), ChannelsLast: channelsLast);
        var whole = new GlobalPoolAttributes(channelsLast);
        (Op op, object attributes, long terms) = draw.Int(0, 5) switch
        {
            0 => ((Op)new GlobalAveragePoolOp(), (object)whole, ConvCases.Product(image)),
            1 => (new GlobalMaxPoolOp(), whole, 0),
            2 or 3 => (new AveragePoolOp(), window, ConvCases.Product(kernel)),
            _ => (new MaxPoolOp(), window with { CountIncludePad = false, Indices = indices, ColumnMajor = indices && draw.Chance(0.5) }, 0),
        };
        CaseOperand operand = draw.Operand(ConvCases.Image(batch, channels, image, channelsLast), fill);
        string name = $"{op.Name} seed {seed} {operand.Shape} k{string.Join('x', kernel)} s{string.Join('x', strides)} d{string.Join('x', dilations)} p{string.Join('.', pads)} "
            + $"ceil {window.CeilMode} counted {window.CountIncludePad} {placement} {fill}";
        int outputs = attributes is PoolAttributes { Indices: true } ? 2 : 1;
        return new Case($"{name}{(outputs > 1 ? " with positions" : "")}", op, attributes, [operand], fill) { Placement = placement, OutputCount = outputs, Roundings = (int)terms + 1, IsExactOnWhole = terms == 0 };
    }
}
