using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Planning;

namespace HybridConv.Ops.BatchNormalization;

internal sealed partial class BatchNormalizationOp : ITable<BatchNormalizationSpec, ClDevice>
{
    private const int FoldGroup = 64;

    /// <summary>With packed factors and shifts; and with parameters that the device folds first.</summary>
    IReadOnlyList<Candidate<BatchNormalizationSpec, ClDevice>> ITable<BatchNormalizationSpec, ClDevice>.Rows => field ??=
    [
        new("batchnormalization.packed.f32.portable",
            (spec, device) => spec.AreConstant ? Fit.Yes(Predict(spec, device, 1)) : Fit.No("the parameters are not constants, or more than one output is asked for"),
            spec => new FoldedFormat(spec.Epsilon, 1),
            (spec, device, _) => new ClKernel([.. Normalize(spec, device, ClArgument.Packed(), ClArgument.Packed(ShiftBytes(spec)))])),
        new("batchnormalization.folded.f32.portable",
            (spec, device) => device.Doubles ? Fit.Yes(Predict(spec, device, 1 + spec.Outputs)) : Fit.No("the device has no float64, in which parameters are folded that are known only at run time"),
            _ => null,
            BindFolded),
    ];

    private static ClKernel BindFolded(BatchNormalizationSpec spec, ClDevice device, PackedWeights? packed)
    {
        ClArgument factors = ClArgument.Scratch(), shifts = ClArgument.Scratch(ShiftBytes(spec));
        var group = new ClRange(Math.Min(FoldGroup, device.MaxWorkGroup));
        var fold = new ClLaunch(
            new ClProgram("batchnormalization/fold.cl"), "fold",
            [ClArgument.Input(1), ClArgument.Input(2), ClArgument.Input(3), ClArgument.Input(4), factors, shifts, checked((int)spec.Parameters), spec.Epsilon],
            new ClRange(spec.Parameters).RoundUp(group), group);
        TensorView vector = TensorView.Dense(new Shape(spec.Parameters));
        IEnumerable<ClLaunch> statistics = Enumerable.Range(1, spec.Outputs - 1)
            .SelectMany(output => MoveLaunch.Copy(device, ElementType.Float32, ClArgument.Input(output % 2 == 1 ? 3 : 4), vector, ClArgument.Output(output), vector));
        return new ClKernel([fold, .. Normalize(spec, device, factors, shifts), .. statistics], 2 * ShiftBytes(spec));
    }

    private static IEnumerable<ClLaunch> Normalize(BatchNormalizationSpec spec, ClDevice device, ClArgument factors, ClArgument shifts)
    {
        (float a, float b) = spec.Activation.IsNone ? (float.NegativeInfinity, float.PositiveInfinity) : (spec.Activation.A, spec.Activation.B);
        IReadOnlyList<long[]> strides = spec.Loops.Strides;
        return ElementwiseLaunch.Of(
            device, new ClFunction("scale_and_shift", a, b, ClActivation.Define(spec.Activation)), spec.Loops.Shape, new ClOperand(ClArgument.Output(), strides[0]),
            new ClOperand(ClArgument.Input(0), strides[1]), new ClOperand(factors, strides[2]), new ClOperand(shifts, strides[3]));
    }

    /// <summary>Where shifts lie behind the factors.</summary>
    private static long ShiftBytes(BatchNormalizationSpec spec) => spec.Parameters * sizeof(float);

    private static double Predict(BatchNormalizationSpec spec, ClDevice device, int launches) => ElementwiseLaunch.Predict(device, spec.Loops.Shape.Elements, 1, 3, launches);
}
