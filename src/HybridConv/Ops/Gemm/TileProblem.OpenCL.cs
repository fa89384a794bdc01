using HybridConv.Cl;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Gemm;

/// <summary>
/// A convolution, or a matrix product as a convolution of one line of pixels, as GPU kernels see it: groups of one image by one matrix of packed weights each.
/// </summary>
/// <param name="Image">What is convolved.</param>
/// <param name="Residual">What is added.</param>
/// <param name="Output">The result.</param>
/// <param name="Windows">Over depth, height and width.</param>
/// <param name="Groups">Products that do not see each other.</param>
/// <param name="Channels">Input channels of a group.</param>
/// <param name="Packed">Where the first group's panels are.</param>
/// <param name="Weights">How each group's panels lie.</param>
/// <param name="Activation">Applied last.</param>
internal sealed record TileProblem(
    PanelOperand Image, PanelOperand Residual, PanelOperand Output, IReadOnlyList<Window> Windows, int Groups, int Channels, ClArgument Packed, TileLayout Weights,
    Activation Activation)
{
    /// <summary>Work-groups along the second axis of a launch that every device allows.</summary>
    public const int MostGroups = 65535;

    private const int ItemGroup = 128;

    /// <summary>Pixels that a work-group of <see cref="MultiplyVectors"/> takes, and its work-items: the program's ROWS, and QUADS by SLICES.</summary>
    private const int VectorRows = 4, VectorItems = 256;

    /// <summary>Floats from one group's panels to the next one's; 0 where all groups share them.</summary>
    public long GroupFloats { get; init; } = Weights.Floats;

    public int Filters => Weights.Filters;

    public long Pixels { get; } = Output.View!.Shape[ImageView.Batch] * Output.View.Shape.Product(ImageView.Depth, Output.View.Shape.Rank);

    /// <summary>Whether filters have several positions or there is padding.</summary>
    private bool IsSpatial => Windows.Any(window => window.Kernel != 1 || window.PadBegin != 0 || window.PadEnd != 0);

    /// <summary>Channels that an item loads at once.</summary>
    private int Load => Channels % 4 == 0 && IsAligned(Image) ? 4 : 1;

    /// <summary>Whether results are all of four channels at multiples of 16 bytes.</summary>
    private int IsWhole => Filters % 4 == 0 && IsAligned(Output) && IsAligned(Residual) ? 1 : 0;

    /// <summary>
    /// Tiles in local memory. A work-group takes <paramref name="partStages"/> stages of the reduction: all, or a part whose sums go to <paramref name="parts"/>.
    /// </summary>
    private ClLaunch Multiply(Tile tile, int partStages, ClArgument parts)
    {
        var local = new ClRange(tile.Items);
        int kernelWidth = Windows[2].Kernel, kernelHeight = Windows[1].Kernel;
        (int taps, int stepC) = Math.DivRem(Tile.Stage * tile.Slices, Channels);
        (int lines, int stepW) = Math.DivRem(taps, kernelWidth);
        (int stepD, int stepH) = Math.DivRem(lines, kernelHeight);
        return new ClLaunch(
            new ClProgram("gemm/tiles.local.cl", Defines(tile.Defines, $"-D LOAD={Load}", $"-D SPATIAL={(IsSpatial ? 1 : 0)}")), "conv_tiles",
            [
                Image.Argument, Packed, Residual.Argument, Output.Argument, parts, .. Geometry,
                (int)Pixels, Channels, Filters, Weights.Panels, Weights.PanelFloats, ClArgument.Wide(GroupFloats), .. GroupStrides,
                Weights.Stages, partStages, stepC, stepW, stepH, stepD, IsWhole, .. ClActivation.Arguments(Activation),
            ],
            new ClRange(tile.Count(Pixels, Filters) * tile.Items, Groups, (Weights.Stages + partStages - 1) / partStages), local);
    }

    /// <summary>One launch; each output is one chain.</summary>
    public ClLaunch Multiply(Tile tile) => Multiply(tile, Weights.Stages, ClArgument.Absent);

    /// <summary>Two launches: work-groups share the reduction of a tile, then their sums are added.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="partStages">Stages of the reduction that a work-group takes.</param>
    /// <param name="parts">Working memory of <see cref="PartBytes"/>.</param>
    public IEnumerable<ClLaunch> MultiplyInParts(Tile tile, int partStages, ClArgument parts)
    {
        yield return Multiply(tile, partStages, parts);
        var local = new ClRange(ItemGroup);
        yield return new ClLaunch(
            new ClProgram("gemm/tiles.local.cl", Defines(tile.Defines, $"-D LOAD={Load}", $"-D SPATIAL={(IsSpatial ? 1 : 0)}")), "sum_parts",
            [
                parts, Residual.Argument, Output.Argument, .. ImageArguments.Strides(Residual.View), .. ImageArguments.Strides(Output.View),
                Windows[0].Output, Windows[1].Output, Windows[2].Output, (Weights.Stages + partStages - 1) / partStages, (int)Pixels, Filters,
                checked((int)Residual.GroupStride), checked((int)Output.GroupStride), IsWhole, .. ClActivation.Arguments(Activation),
            ],
            new ClRange(Pixels * Quads, Groups).RoundUp(local), local);
    }

    /// <summary>Tiles in registers.</summary>
    /// <param name="skipsPadding">Whether padding is left out, which weights that are not finite ask for, or counts as zeros.</param>
    public ClLaunch MultiplyInRegisters(bool skipsPadding)
    {
        var local = new ClRange(ItemGroup / 2);
        return new ClLaunch(
            new ClProgram("conv/registers.cl", Defines($"-D LOAD={Load}", skipsPadding ? "-D SKIP=1" : "")), "conv_registers",
            [
                Image.Argument, Packed, Residual.Argument, Output.Argument, .. Geometry,
                (int)Pixels, Channels, Filters, Weights.Width, Weights.PanelFloats, ClArgument.Wide(GroupFloats), .. GroupStrides,
                IsWhole, .. ClActivation.Arguments(Activation),
            ],
            new ClRange((Pixels + 3) / 4 * ((Filters + 7) / 8), Groups).RoundUp(local), local);
    }

    /// <summary>Few pixels: each work-group reads a panel once and shares out its reduction.</summary>
    public ClLaunch MultiplyVectors()
    {
        int rows = Pixels == 1 ? 1 : VectorRows;
        var local = new ClRange(VectorItems);
        return new ClLaunch(
            new ClProgram("gemm/vector.local.cl", Defines($"-D LOAD={Load}", $"-D ROWS={rows}")), "conv_vector",
            [
                Image.Argument, Packed, Residual.Argument, Output.Argument, .. Geometry,
                (int)Pixels, Channels, Filters, Weights.PanelFloats, ClArgument.Wide(GroupFloats), .. GroupStrides,
                IsWhole, .. ClActivation.Arguments(Activation),
            ],
            new ClRange((long)Weights.Panels * VectorItems, Groups, (Pixels + rows - 1) / rows), local);
    }

    /// <summary>Working memory for the sums of a reduction in parts.</summary>
    public long PartBytes(int partStages) => (Weights.Stages + partStages - 1L) / partStages * Groups * Pixels * Quads * 4 * sizeof(float);

    /// <summary>The tile of the fastest prediction among those that a device can run; some must.</summary>
    public Tile Best(ClDevice device) => Tile.All.Where(tile => tile.WhyNot(device) is null).MinBy(tile => Predict(tile, device, 0))!;

    /// <summary>Predicted nanoseconds of one launch of tiles.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="device">The device.</param>
    /// <param name="bytes">Bytes that cross the memory bus.</param>
    public double Predict(Tile tile, ClDevice device, double bytes) =>
        device.LaunchNanoseconds + Math.Max(tile.Nanoseconds(device, (double)tile.Count(Pixels, Filters) * Groups, Weights.Stages), bytes / device.Bandwidth);

    /// <summary>Predicted nanoseconds of <see cref="MultiplyInRegisters"/>: slow with few work-items, and where caches stand in for local memory.</summary>
    public double PredictRegisters(ClDevice device, double bytes)
    {
        const double full = 512, best = 0.2;
        double items = (Pixels + 3.0) / 4 * ((Filters + 7) / 8) * Groups, fill = Math.Min(1, items / (full * Math.Max(1, device.ComputeUnits)));
        return device.Predict(items * 4 * 8 * 2 * Weights.Depth, bytes, Math.Max(1e-3, best * fill));
    }

    /// <summary>Predicted nanoseconds of <see cref="MultiplyVectors"/>: every work-group has a few loads under way at a time, and waits for them.</summary>
    public double PredictVectors(ClDevice device, double bytes)
    {
        const double latency = 600, depthOfLoads = 256;
        double rounds = Math.Ceiling((double)Weights.Panels * Groups * ((Pixels + VectorRows - 1) / VectorRows) / (4.0 * Math.Max(1, device.ComputeUnits)));
        return device.LaunchNanoseconds + Math.Max(rounds * latency * (2 + Weights.Depth / depthOfLoads), bytes / device.Bandwidth);
    }

    /// <summary>The stages of a part with which a reduction in parts is fastest, and its predicted time; 0 stages where the reduction has only one.</summary>
    /// <param name="tile">The tile.</param>
    /// <param name="device">The device.</param>
    /// <param name="bytes">Bytes that cross the memory bus, without the parts' sums.</param>
    public (int PartStages, double Nanoseconds) BestParts(Tile tile, ClDevice device, double bytes)
    {
        (int best, double least) = (0, double.PositiveInfinity);
        double tiles = (double)tile.Count(Pixels, Filters) * Groups;
        foreach (int wanted in (ReadOnlySpan<int>)[2, 3, 4, 6, 8, 12, 16, 24, 32])
        {
            int partStages = (Weights.Stages + wanted - 1) / wanted, parts = partStages == 0 ? 0 : (Weights.Stages + partStages - 1) / partStages;
            if (parts < 2)
                continue;
            double sums = 2.0 * PartBytes(partStages) / device.Bandwidth;
            double time = 2 * device.LaunchNanoseconds + Math.Max(tile.Nanoseconds(device, tiles * parts, partStages), bytes / device.Bandwidth) + sums;
            if (time < least)
                (best, least) = (partStages, time);
        }
        return (best, least);
    }

    /// <summary>Whether all pixels of all groups start at multiples of 16 bytes.</summary>
    private static bool IsAligned(PanelOperand operand) => operand.View is null || (ImageArguments.StartsAtQuads(operand.View) && operand.GroupStride % 4 == 0);

    private long Quads => (Filters + 3) / 4;

    private IEnumerable<ClArgument> Geometry =>
    [
        .. ImageArguments.Strides(Image.View), .. ImageArguments.Strides(Residual.View), .. ImageArguments.Strides(Output.View),
        .. ImageArguments.Window(Windows[0]), .. ImageArguments.Window(Windows[1]), .. ImageArguments.Window(Windows[2]),
    ];

    private IEnumerable<ClArgument> GroupStrides =>
        [checked((int)Image.GroupStride), checked((int)Residual.GroupStride), checked((int)Output.GroupStride)];

    private string Defines(params string[] defines) =>
        string.Join(' ', ((string[])[.. defines, ClActivation.Define(Activation)]).Where(define => define.Length > 0));
}
