using HybridConv.Cl;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>The cpu profile's kernel for groups of one channel: lanes are channels.</summary>
internal sealed partial class ConvOp
{
    /// <summary>Pixels of a tile, and filter positions for which it has room: those of <c>conv/depthwise.cpu.cl</c>.</summary>
    private const int DepthwisePixels = 14, DepthwiseTaps = 49;

    /// <summary>Work-items per compute unit: enough that one which is held up does not hold up the others.</summary>
    private const int ItemsPerUnit = 8;

    /// <summary>Multiply-adds below which cutting a work-item further does not pay.</summary>
    private const double LeastMacsPerItem = 20_000;

    private static IEnumerable<Candidate<ConvSpec, ClDevice>> DepthwiseClRows => ClLanes.Rows(lanes => new Candidate<ConvSpec, ClDevice>(
        $"conv.depthwise.f32.cpu.{DepthwisePixels}x{lanes}",
        (spec, device) => ClLanes.WhyNot(device, lanes) is { } other ? Fit.No(other) : FitsDepthwise(spec, device),
        _ => new TapFormat(),
        (spec, device, _) => BindDepthwise(spec, device)));

    private static Fit FitsDepthwise(ConvSpec spec, ClDevice device)
    {
        if (spec.GroupChannels != 1 || spec.GroupFilters != 1)
            return Fit.No($"each group has {spec.GroupChannels} input and {spec.GroupFilters} output channels, not 1 and 1");
        if (WhyNotPlain(spec) is { } why)
            return Fit.No(why);
        if (spec.Depth > DepthwiseTaps)
            return Fit.No($"the filter has {spec.Depth} positions; at most {DepthwiseTaps} are listed");
        double filled = spec.Filters / (Math.Ceiling(spec.Filters / (double)device.Lanes) * device.Lanes);
        return Fit.Yes(device.Predict(Flops(spec), TrafficBytes(spec), 0.3 * filled));
    }

    private static ClKernel BindDepthwise(ConvSpec spec, ClDevice device)
    {
        long tiles = (spec.Pixels + DepthwisePixels - 1) / DepthwisePixels, vectors = (spec.Filters + device.Lanes - 1L) / device.Lanes;
        double macs = (double)spec.Pixels * spec.Filters * spec.Depth;
        long wanted = (long)Math.Clamp(macs / LeastMacsPerItem, 1, ItemsPerUnit * device.ComputeUnits);
        long tilesPerItem = Math.Max(1, tiles / wanted), blocks = (tiles + tilesPerItem - 1) / tilesPerItem;
        // Channels are only cut where there are too few tiles: each range lists the tiles' addresses again.
        long vectorsPerItem = Math.Max(1, (vectors * Math.Max(1, blocks) + wanted - 1) / wanted), ranges = (vectors + vectorsPerItem - 1) / vectorsPerItem;
        string activation = ClActivation.Define(spec.Activation);
        return new ClKernel([new ClLaunch(
            new ClProgram("conv/depthwise.cpu.cl", $"-D LANES={device.Lanes}{(activation.Length > 0 ? " " : "")}{activation}"), "depthwise",
            [
                ClArgument.Input(Image), ClArgument.Packed(), ClArgument.Input(Residual), ClArgument.Output(),
                .. ImageArguments.Strides(spec.Input), .. ImageArguments.Strides(spec.Residual), .. ImageArguments.Strides(spec.Output),
                .. ImageArguments.Windows(spec.Windows),
                spec.Batch, spec.Filters, (int)(tilesPerItem * DepthwisePixels), (int)(vectorsPerItem * device.Lanes), .. ClActivation.Arguments(spec.Activation),
            ],
            new ClRange(blocks, ranges), new ClRange(1))]);
    }
}
