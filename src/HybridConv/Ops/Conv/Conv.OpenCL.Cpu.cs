using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Ops.Gemm;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>The cpu profile: explicit vectors, one work-item per work-group. The panels are those of the CPU's own rows.</summary>
internal sealed partial class ConvOp
{
    /// <summary>The share of the peak that full tiles reach.</summary>
    private const double TileEfficiency = 0.8;

    private static IEnumerable<Candidate<ConvSpec, ClDevice>> CpuRows =>
    [
        .. ThinRows,
        .. PanelRows("conv.pointwise", spec => spec.IsPointwise ? null : WhyNotPointwise(spec)),
        .. PanelRows("conv.direct", spec => spec.IsPointwise ? "the filter is pointwise" : null),
    ];

    private static string WhyNotPointwise(ConvSpec spec) =>
        $"a filter of {spec.Windows[0].Kernel}x{spec.Windows[1].Kernel}x{spec.Windows[2].Kernel}, or padding, is not pointwise";

    /// <summary>One row for each number of lanes: names and packing depend on it.</summary>
    private static IEnumerable<Candidate<ConvSpec, ClDevice>> PanelRows(string name, Func<ConvSpec, string?> whyNot) =>
        ClLanes.Rows(lanes => new Candidate<ConvSpec, ClDevice>(
            $"{name}.f32.cpu.{PointwiseKernel.Granule(lanes)}x{2 * lanes}",
            (spec, device) => ClLanes.WhyNot(device, lanes) is { } other ? Fit.No(other) : whyNot(spec) is { } why ? Fit.No(why) : FitsPanels(spec, device),
            spec => Panels(spec, (Isa)lanes),
            (spec, device, _) => BindPanels(spec, device)));

    private static Fit FitsPanels(ConvSpec spec, ClDevice device)
    {
        if (WhyNotPacked(spec) is { } why)
            return Fit.No(why);
        if (spec.Groups > 1 && spec.Outputs.Count > 1)
            return Fit.No($"the result is stored in {spec.Outputs.Count} tensors, with {spec.Groups} groups");
        double efficiency = TileEfficiency * Panels(spec, (Isa)device.Lanes).Layout.Efficiency;
        return Fit.Yes(device.Predict(Flops(spec), TrafficBytes(spec), efficiency, spec.Outputs.Count + (ScalesInFront(spec) ? 1 : 0)));
    }

    /// <summary>
    /// Whether the image is scaled by a launch of its own: with functions that the product's kernel does not have, or under windows that see pixels several
    /// times.
    /// </summary>
    private static bool ScalesInFront(ConvSpec spec) =>
        spec.Scaling is { } scaling && !(spec.IsPointwise && spec.Groups == 1 && scaling.Activation.Kind is ActivationKind.None or ActivationKind.Clamp);

    private static ClKernel BindPanels(ConvSpec spec, ClDevice device)
    {
        SeenImage image = ScalesInFront(spec) ? SeenImage.Of(spec, device) : SeenImage.Unscaled(spec);
        PanelScaling? scaling = spec.Scaling is not { } s || ScalesInFront(spec) ? null : new PanelScaling(
            spec.ImagePixels, ClArgument.Input(Scale), InputScaling.ImageStride(s.Scale),
            s.Shift is null ? ClArgument.Absent : ClArgument.Input(Shift), s.Shift is null ? 0 : InputScaling.ImageStride(s.Shift), s.Activation);
        PanelLayout panels = Panels(spec, (Isa)device.Lanes).Layout;
        var launches = new List<ClLaunch>(image.Launches);
        long scratch = image.ScratchBytes;
        foreach (OutputPart part in PartsOf(spec))
        {
            (ClLaunch launch, scratch) = new PanelLaunch
            {
                Input = new(image.Argument, image.View, spec.GroupChannels),
                Output = new(ClArgument.Output(part.Output), part.View, spec.GroupFilters),
                Residual = spec.Residual is null ? PanelOperand.Absent : new(ClArgument.Input(Residual), spec.Residual, spec.GroupFilters),
                Panels = panels,
                PanelsGroupStride = panels.Floats,
                Groups = spec.Groups,
                Axes = [PanelAxis.Of(spec.Windows[0]), PanelAxis.Of(spec.Windows[1]), PanelAxis.Of(spec.Windows[2])],
                Batch = spec.Batch,
                Channels = spec.GroupChannels,
                FirstFilter = part.FirstFilter,
                Filters = part.Filters / spec.Groups,
                Activation = spec.Activation,
                Scaling = scaling,
                ScratchStart = scratch,
            }.Bind(device);
            launches.Add(launch);
        }
        return new ClKernel(launches, scratch);
    }
}
