using HybridConv.Cl;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.ConvTranspose;

internal sealed partial class ConvTransposeOp : ITable<ConvTransposeSpec, ClDevice>
{
    private const int ReferenceGroup = 64, Weights = 1, Bias = 2, ResidualIndex = 3;

    IReadOnlyList<Candidate<ConvTransposeSpec, ClDevice>> ITable<ConvTransposeSpec, ClDevice>.Rows => field ??=
    [
        .. CpuRows,
        new("convtranspose.gather.f32.reference", FitsReference, _ => null, (spec, _, _) => BindReference(spec)),
    ];

    private static Fit FitsReference(ConvTransposeSpec spec, ClDevice device) =>
        Fit.Yes(device.Predict(2 * spec.Macs, TrafficBytes(spec), efficiency: 0.01));

    /// <summary>Bytes that cross the memory bus when everything is read and written once.</summary>
    private static double TrafficBytes(ConvTransposeSpec spec)
    {
        double weights = (double)spec.InputChannels * (spec.OutputChannels / spec.Group) * spec.Taps;
        return sizeof(float) * (spec.Input.Shape.Elements + weights + spec.Output.Shape.Elements * (spec.Residual is null ? 1.0 : 2.0));
    }

    private static ClKernel BindReference(ConvTransposeSpec spec)
    {
        var local = new ClRange(ReferenceGroup);
        return new ClKernel([new ClLaunch(
            new ClProgram("convtranspose/reference.cl", ClActivation.Define(spec.Attributes.Activation)), "convtranspose_reference",
            [
                ClArgument.Input(0), ClArgument.Input(Weights), ClArgument.Input(Bias), ClArgument.Input(ResidualIndex), ClArgument.Output(),
                .. ImageArguments.Strides(spec.Input), .. ImageArguments.Strides(spec.Residual), .. ImageArguments.Strides(spec.Output),
                .. Windows(spec),
                spec.Output.Shape.Dim(ImageView.Batch), spec.OutputChannels, spec.InputChannels / spec.Group, spec.OutputChannels / spec.Group,
                .. ClActivation.Arguments(spec.Attributes.Activation),
            ],
            new ClRange(spec.Output.Shape.Elements).RoundUp(local), local)]);
    }

    /// <summary>For the macro WINDOW, over depth, height and width.</summary>
    private static IEnumerable<ClArgument> Windows(ConvTransposeSpec spec)
    {
        foreach (ScatterWindow window in spec.Windows.ToArray())
        {
            yield return window.Input;
            yield return window.Output;
            yield return window.Kernel;
            yield return window.Stride;
            yield return window.Dilation;
            yield return window.PadBegin;
        }
    }
}
