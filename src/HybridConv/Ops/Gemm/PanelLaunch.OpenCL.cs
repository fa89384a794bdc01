using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Gemm;

/// <summary>One axis of a panel product's window over a filter.</summary>
/// <param name="Window">How the window slides; its kernel are the taps that are used, its dilation may be negative.</param>
/// <param name="FilterTaps">Taps of the filter.</param>
/// <param name="First">The filter's tap that is the window's tap 0.</param>
/// <param name="Step">The filter's taps from one of the window's to the next.</param>
internal readonly record struct PanelAxis(Window Window, int FilterTaps, int First = 0, int Step = 1)
{
    /// <summary>A window over the whole filter.</summary>
    public static PanelAxis Of(Window window) => new(window, window.Kernel);

    /// <summary>Whether some output sees positions outside the input.</summary>
    public bool SeesPadding
    {
        get
        {
            long first = -Window.PadBegin, last = first + (Window.Output - 1L) * Window.Stride, reach = (Window.Kernel - 1L) * Window.Dilation;
            return first + Math.Min(0, reach) < 0 || last + Math.Max(0, reach) >= Window.Input;
        }
    }
}

/// <summary>An operand of a panel product.</summary>
/// <param name="Argument">Where it is.</param>
/// <param name="View">Its strides, in <see cref="ImageView"/>'s axes, within a group; null for an operand that is absent. Channels are contiguous.</param>
/// <param name="GroupStride">Elements to the next group's first channel.</param>
/// <param name="Start">Elements to the first pixel; 0 for inputs.</param>
internal readonly record struct PanelOperand(ClArgument Argument, TensorView? View, long GroupStride = 0, long Start = 0)
{
    public static readonly PanelOperand Absent = new(ClArgument.Absent, null);
}

/// <summary>What happens to pixels before they are multiplied: clamp(x * scale + shift), the product and sum rounded once.</summary>
/// <param name="ImagePixels">Pixels of one image on a line that holds several.</param>
/// <param name="Scale">One number per channel.</param>
/// <param name="ScaleImage">Elements from one image's numbers to the next one's; 0 where all images have the same.</param>
/// <param name="Shift">Likewise; absent for nothing.</param>
/// <param name="ShiftImage">As <paramref name="ScaleImage"/>.</param>
/// <param name="Activation">None or a clamp.</param>
internal sealed record PanelScaling(int ImagePixels, ClArgument Scale, long ScaleImage, ClArgument Shift, long ShiftImage, Activation Activation);

/// <summary>A product of pixels and packed panels on the cpu profile: a launch of <c>gemm/panels.cpu.cl</c>, which convolutions and products share.</summary>
internal sealed record PanelLaunch
{
    /// <summary>MOST_COPIED of the kernel.</summary>
    private const int MostCopied = 16;

    public required PanelOperand Input { get; init; }
    public required PanelOperand Output { get; init; }
    public PanelOperand Residual { get; init; } = PanelOperand.Absent;

    /// <summary>Panels as <see cref="PanelFormat"/> lays them out, header included.</summary>
    public ClArgument Weights { get; init; } = ClArgument.Packed();

    /// <summary>The panels of one group.</summary>
    public required PanelLayout Panels { get; init; }

    /// <summary>Floats from one group's panels to the next one's; 0 where all groups share them.</summary>
    public required long PanelsGroupStride { get; init; }

    /// <summary>Groups of channels, or positions of a batch, that do not see each other.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Over depth, height and width.</summary>
    public required PanelAxis[] Axes { get; init; }

    public required int Batch { get; init; }

    /// <summary>Input channels of a group.</summary>
    public required int Channels { get; init; }

    /// <summary>The filter of the output's channel 0.</summary>
    public int FirstFilter { get; init; }

    /// <summary>The output's channels, of each group.</summary>
    public required int Filters { get; init; }

    public required Activation Activation { get; init; }

    /// <summary>What happens to the input first, where there is one group and every window is one tap; null when nothing does.</summary>
    public PanelScaling? Scaling { get; init; }

    /// <summary>The first byte of working memory that this launch may use.</summary>
    public long ScratchStart { get; init; }

    private long Pixels => (long)Batch * Axes[0].Window.Output * Axes[1].Window.Output * Axes[2].Window.Output;

    /// <summary>
    /// Working memory of a work-item: its scaled pixels; or, where windows see padding, a tile's sums, zeros for a segment of the reduction, and a tile's segments
    /// where the kernel may copy them.
    /// </summary>
    private int ItemFloats(int blockPixels)
    {
        long floats = 0;
        if (Scaling is not null)
            floats = (long)blockPixels * PixelScaling.Stride(Channels);
        else if (Array.Exists(Axes, axis => axis.SeesPadding))
        {
            bool isDense = Axes[2] is { Window.Dilation: 1, Step: 1 } && Input.View!.Strides[ImageView.Width] == Channels;
            long segment = isDense ? (long)Axes[2].Window.Kernel * Channels : Channels;
            floats = Tile * 2L * Panels.Lanes + segment * (isDense && Channels <= MostCopied ? 1 + Tile : 1);
        }
        const int line = AlignedMemory.Alignment / sizeof(float);
        return checked((int)((floats + line - 1) / line * line));
    }

    /// <summary>Pixels of a tile.</summary>
    private int Tile => PointwiseKernel.Granule(Panels.Lanes);

    /// <summary>The launch, and where the working memory that it takes ends.</summary>
    public (ClLaunch Launch, long ScratchEnd) Bind(ClDevice device)
    {
        int lanes = Panels.Lanes, firstPanel = FirstFilter / (2 * lanes), panels = (FirstFilter + Filters + 2 * lanes - 1) / (2 * lanes) - firstPanel;
        Blocking blocking = Block(device, panels);
        var global = new ClRange(blocking.PixelBlocks, Pixels == 0 ? 0 : (panels + blocking.RangePanels - 1) / blocking.RangePanels, Groups);
        int itemFloats = ItemFloats(blocking.BlockPixels);
        var arguments = new List<ClArgument>
        {
            Input.Argument, Weights, Residual.Argument, Output.Argument, itemFloats == 0 ? ClArgument.Absent : ClArgument.Scratch(ScratchStart),
        };
        foreach (TensorView? image in (ReadOnlySpan<TensorView?>)[Input.View, Residual.View, Output.View])
            arguments.AddRange(ImageArguments.Strides(image));
        foreach (PanelAxis axis in Axes)
            arguments.AddRange([.. ImageArguments.Window(axis.Window), axis.FilterTaps, axis.First, axis.Step]);
        arguments.AddRange(
        [
            Batch, Channels, Panels.Filters, FirstFilter, Filters,
            (int)Input.GroupStride, (int)PanelsGroupStride, (int)Residual.GroupStride, (int)Output.GroupStride, (int)Residual.Start, (int)Output.Start,
            blocking.BlockPixels, blocking.RangePanels, itemFloats, .. ClActivation.Arguments(Activation),
        ]);
        if (Scaling is { } scaling)
            arguments.AddRange(
            [
                scaling.Scale, scaling.Shift, (int)scaling.ScaleImage, (int)scaling.ShiftImage, scaling.ImagePixels, PixelScaling.Stride(Channels),
                .. ClActivation.Arguments(scaling.Activation),
            ]);
        var launch = new ClLaunch(
            new ClProgram("gemm/panels.cpu.cl", $"-D LANES={lanes} {ClActivation.Define(Activation)}".TrimEnd()),
            Scaling is null ? "multiply_panels" : "multiply_scaled_panels", arguments, global, new ClRange(1));
        return (launch, ScratchStart + global.Items * itemFloats * sizeof(float));
    }

    private Blocking Block(ClDevice device, int panels)
    {
        double channelBytes = (double)Channels * sizeof(float), panelBytes = (Panels.Depth + 1.0) * 2 * Panels.Lanes * sizeof(float);
        double inputBytes = channelBytes * Axes.Aggregate(1.0, (product, axis) => product * Math.Min(axis.Window.Stride, axis.Window.Kernel));
        double macs = (double)Pixels * Filters * Panels.Depth;
        return Blocking.Choose((int)Pixels, Tile, inputBytes, panels, panelBytes, macs, Math.Max(1, device.ComputeUnits / Groups));
    }
}
