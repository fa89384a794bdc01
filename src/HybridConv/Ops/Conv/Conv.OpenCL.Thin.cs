using HybridConv.Cl;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// The cpu profile's kernel for depthwise convolution and other thin groups, as wide at the output as at the input: lanes are channels of neighbouring groups.
/// </summary>
internal sealed partial class ConvOp
{
    /// <summary>Pixels of a tile, and filter positions for which it has room: those of <c>conv/thin.cpu.cl</c>.</summary>
    private const int ThinPixels = 14, ThinTaps = 49;

    /// <summary>Work-items per compute unit: enough that one which is held up does not hold up the others.</summary>
    private const int ItemsPerUnit = 8;

    /// <summary>Multiply-adds below which cutting a work-item further does not pay.</summary>
    private const double LeastMacsPerItem = 20_000;

    private static IEnumerable<Candidate<ConvSpec, ClDevice>> ThinRows =>
    [
        .. ThinRowsOf("conv.depthwise", (spec, _) => (spec.GroupChannels, spec.GroupFilters) == (1, 1)),
        .. ThinRowsOf("conv.grouped", (spec, lanes) =>
            spec.GroupChannels == spec.GroupFilters && spec.GroupChannels is 2 or 4 or 8 && spec.GroupChannels < lanes),
    ];

    private static IEnumerable<Candidate<ConvSpec, ClDevice>> ThinRowsOf(string name, Func<ConvSpec, int, bool> isFor) =>
        ClLanes.Rows(lanes => new Candidate<ConvSpec, ClDevice>(
            $"{name}.f32.cpu.{ThinPixels}x{lanes}",
            (spec, device) => ClLanes.WhyNot(device, lanes) is { } other ? Fit.No(other)
                : isFor(spec, lanes) ? FitsThin(spec, device)
                : Fit.No($"groups have {spec.GroupChannels} input and {spec.GroupFilters} output channels"),
            _ => new TapFormat(),
            (spec, device, _) => BindThin(spec, device)));

    private static Fit FitsThin(ConvSpec spec, ClDevice device)
    {
        if (WhyNotPlain(spec) is { } why)
            return Fit.No(why);
        long taps = spec.Weights.Product(2, spec.Weights.Rank);
        if (taps > ThinTaps)
            return Fit.No($"the filter has {taps} positions; at most {ThinTaps} are listed");
        double filled = spec.Filters / (Math.Ceiling(spec.Filters / (double)device.Lanes) * device.Lanes);
        return Fit.Yes(device.Predict(Flops(spec), TrafficBytes(spec), 0.3 * filled));
    }

    private static ClKernel BindThin(ConvSpec spec, ClDevice device)
    {
        long tiles = (spec.Pixels + ThinPixels - 1) / ThinPixels, vectors = (spec.Filters + device.Lanes - 1L) / device.Lanes;
        double macs = (double)spec.Pixels * spec.Filters * spec.Depth;
        long wanted = (long)Math.Clamp(macs / LeastMacsPerItem, 1, ItemsPerUnit * device.ComputeUnits);
        long tilesPerItem = Math.Max(1, tiles / wanted), blocks = (tiles + tilesPerItem - 1) / tilesPerItem;
        // Channels are only cut where there are too few tiles: each range lists the tiles' addresses again.
        long vectorsPerItem = Math.Max(1, (vectors * Math.Max(1, blocks) + wanted - 1) / wanted), ranges = (vectors + vectorsPerItem - 1) / vectorsPerItem;
        string defines = $"-D LANES={device.Lanes} -D GROUP={spec.GroupChannels} {ClActivation.Define(spec.Activation)}".TrimEnd();
        return new ClKernel([new ClLaunch(
            new ClProgram("conv/thin.cpu.cl", defines), "convolve_thin_groups",
            [
                ClArgument.Input(Image), ClArgument.Packed(), ClArgument.Input(Residual), ClArgument.Output(),
                .. ImageArguments.Strides(spec.Input), .. ImageArguments.Strides(spec.Residual), .. ImageArguments.Strides(spec.Output),
                .. ImageArguments.Windows(spec.Windows),
                spec.Batch, spec.Filters, (int)(tilesPerItem * ThinPixels), (int)(vectorsPerItem * device.Lanes), .. ClActivation.Arguments(spec.Activation),
            ],
            new ClRange(blocks, ranges), new ClRange(1))]);
    }
}
