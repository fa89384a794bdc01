using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using HybridConv.Ops.ConvTranspose;

namespace HybridConv.Conformance.Cases;

/// <summary>Transposed convolutions of one to three spatial axes, with groups, output padding and everything that convolutions have.</summary>
internal static class ConvTransposeCases
{
    public static Case Make(int seed, Fill fill)
    {
        var draw = new Draw(seed);
        int spatial = draw.Chance(0.7) ? 2 : draw.Of(1, 3), batch = draw.Int(1, 2), groups = draw.Chance(0.7) ? 1 : draw.Int(2, 3);
        int groupChannels = draw.Channels(12), groupFilters = draw.Channels(spatial == 3 ? 20 : 40);
        bool channelsLast = draw.Chance(0.9), bias = draw.Chance(0.8), residual = draw.Chance(0.2);
        long[] kernel = draw.List(spatial, 1, spatial == 3 ? 3 : 4), strides = draw.List(spatial, 1, 3), dilations = draw.Chance(0.8) ? draw.List(spatial, 1, 1) : draw.List(spatial, 1, 2);
        long[] image = draw.List(spatial, 1, spatial == 3 ? 4 : 8), pads = new long[2 * spatial], added = new long[spatial], output = new long[spatial];
        for (int axis = 0; axis < spatial; axis++)
        {
            long full = strides[axis] * (image[axis] - 1) + (kernel[axis] - 1) * dilations[axis] + 1;
            added[axis] = draw.Int(0, (int)strides[axis] - 1);
            pads[axis] = draw.Int(0, (int)Math.Min(2, (full - 1) / 2));
            pads[axis + spatial] = draw.Int(0, (int)Math.Min(2, (full - 1) / 2));
            output[axis] = full + added[axis] - pads[axis] - pads[axis + spatial];
        }
        Activation activation = draw.Activation();
        Placement placement = draw.Placement();
        long filters = groups * groupFilters;
        var attributes = new ConvTransposeAttributes(kernel, strides, dilations, pads, added, null, groups, AutoPad.NotSet, channelsLast, activation);
        var operands = new List<CaseOperand?>
        {
            draw.Operand(ConvCases.Image(batch, groups * groupChannels, image, channelsLast), fill),
            draw.Operand(new Shape([groups * groupChannels, groupFilters, .. kernel]), fill, true),
        };
        if (bias || residual)
            operands.Add(bias ? draw.Operand(new Shape(filters), fill, true) : null);
        if (residual)
            operands.Add(draw.Operand(ConvCases.Image(batch, filters, output, channelsLast), fill));
        string name = $"convtranspose seed {seed} {operands[0]!.Shape} to {filters} g{groups} k{Shape.Format(kernel)} s{Shape.Format(strides)} d{Shape.Format(dilations)} "
            + $"p{Shape.Format(pads)} +{Shape.Format(added)}{(bias ? " bias" : "")}{(residual ? " residual" : "")} {activation} {placement} {fill}";
        return new Case(name, new ConvTransposeOp(), attributes, operands, fill) { Placement = placement, Roundings = groupChannels * (int)ConvCases.Product(kernel) + 3 };
    }
}
