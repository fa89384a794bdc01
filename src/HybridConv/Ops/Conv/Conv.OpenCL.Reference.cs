using HybridConv.Cl;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>The definition on a device: one output per work-item, for every spec and every profile.</summary>
internal sealed partial class ConvOp
{
    private const int ReferenceGroup = 64;

    private static Candidate<ConvSpec, ClDevice> ReferenceRow => new(
        "conv.direct.f32.reference",
        (spec, device) => Fit.Yes(
            device.Predict(Flops(spec), TrafficBytes(spec), efficiency: 0.01, launches: spec.Outputs.Count) + device.PredictChain(spec.Depth)),
        _ => null,
        (spec, device, _) => BindReference(spec, device));

    private static ClKernel BindReference(ConvSpec spec, ClDevice device)
    {
        SeenImage image = SeenImage.Of(spec, device);
        var local = new ClRange(ReferenceGroup);
        var launches = PartsOf(spec).Select(part => new ClLaunch(
            new ClProgram("conv/reference.cl", ClActivation.Define(spec.Activation)), "conv_reference",
            [
                image.Argument, ClArgument.Input(Weights), ClArgument.Input(Bias), ClArgument.Input(Residual), ClArgument.Output(part.Output),
                .. ImageArguments.Strides(image.View), .. ImageArguments.Strides(spec.Residual), .. ImageArguments.Strides(part.View),
                .. ImageArguments.Windows(spec.Windows),
                spec.Batch, part.FirstFilter, part.Filters, spec.GroupChannels, spec.GroupFilters, .. ClActivation.Arguments(spec.Activation),
            ],
            new ClRange(part.View.Shape.Elements).RoundUp(local), local));
        return new ClKernel([.. image.Launches, .. launches], image.ScratchBytes);
    }
}
