using HybridConv.Cl;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>Groups of one input channel, on GPUs of both profiles: neighbouring work-items take neighbouring channels.</summary>
internal sealed partial class ConvOp
{
    /// <summary>Filters of a block of weights: the program's PANEL.</summary>
    private const int DepthwiseLanes = 32;

    /// <summary>Pixels of a work-item, and work-items of a work-group along pixels and lines: the program's RUN, RUN_ITEMS and LINE_ITEMS.</summary>
    private const int DepthwiseRun = 4, DepthwiseRunItems = 4, DepthwiseLineItems = 4;

    private static Candidate<ConvSpec, ClDevice> DepthwiseRow(ClProfile profile) => new(
        $"conv.depthwise.f32.{(profile == ClProfile.Local ? "local" : "register")}",
        (spec, device) => FitsDepthwise(spec, device, profile),
        _ => new LaneFormat(DepthwiseLanes),
        (spec, _, _) => new ClKernel([DepthwiseLaunch(spec)]));

    private static Fit FitsDepthwise(ConvSpec spec, ClDevice device, ClProfile profile)
    {
        int items = DepthwiseItems(1) * DepthwiseRunItems * DepthwiseLineItems;
        return (WhyNotProfile(device, profile) ?? WhyNotPlain(spec)) is { } why ? Fit.No(why)
            : spec.GroupChannels != 1 ? Fit.No($"each group has {spec.GroupChannels} input channels, not 1")
            : device.MaxWorkGroup < items ? Fit.No($"work-groups of {items} items are over the device's limit of {device.MaxWorkGroup}")
            : Fit.Yes(device.Predict(Flops(spec), TrafficBytes(spec), efficiency: 0.2));
    }

    /// <summary>Work-items of a work-group along the channels: the program's CHANNEL_ITEMS.</summary>
    private static int DepthwiseItems(int load) => load == 4 ? 8 : 32;

    private static ClLaunch DepthwiseLaunch(ConvSpec spec)
    {
        Window width = spec.Windows[2];
        bool four = spec.GroupFilters == 1 && spec.Filters % 4 == 0
            && new[] { spec.Input, spec.Output, spec.Residual }.All(image => image is null || ImageArguments.StartsAtQuads(image));
        int load = four ? 4 : 1, channelItems = DepthwiseItems(load), channels = channelItems * load;
        // Wider windows would not stay in registers.
        int slide = width is { Dilation: 1, Kernel: <= 5, Stride: <= 2 } ? width.Kernel : 0, slideStride = slide == 0 ? 1 : width.Stride;
        string activation = ClActivation.Define(spec.Activation);
        long runs = (width.Output + DepthwiseRun - 1) / DepthwiseRun, lines = (long)spec.Batch * spec.Windows[0].Output * spec.Windows[1].Output;
        long groups = (spec.Filters + channels - 1) / channels
            * ((runs + DepthwiseRunItems - 1) / DepthwiseRunItems) * ((lines + DepthwiseLineItems - 1) / DepthwiseLineItems);
        var local = new ClRange(channelItems * DepthwiseRunItems * DepthwiseLineItems);
        return new ClLaunch(
            new ClProgram("conv/depthwise.cl", $"-D LOAD={load} -D SLIDE_KERNEL={slide} -D SLIDE_STRIDE={slideStride}{(activation.Length > 0 ? " " : "")}{activation}"),
            "conv_depthwise",
            [
                ClArgument.Input(Image), ClArgument.Packed(), ClArgument.Input(Residual), ClArgument.Output(),
                .. ImageArguments.Strides(spec.Input), .. ImageArguments.Strides(spec.Residual), .. ImageArguments.Strides(spec.Output),
                .. ImageArguments.Windows(spec.Windows),
                spec.Batch, spec.Filters, spec.GroupFilters, .. ClActivation.Arguments(spec.Activation),
            ],
            new ClRange(spec.Output.Shape.Elements == 0 ? 0 : groups * local.X), local);
    }
}
