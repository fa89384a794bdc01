using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Identity;

internal sealed partial class DropoutOp : ITable<DropoutSpec, ClDevice>
{
    IReadOnlyList<Candidate<DropoutSpec, ClDevice>> ITable<DropoutSpec, ClDevice>.Rows => field ??=
    [
        new("dropout.copy.any.portable",
            (spec, device) => Fit.Yes(MoveLaunch.Predict(device, spec.Copy) * (spec.Mask == ElementType.None ? 1 : 2)),
            _ => null,
            (spec, device, _) => new ClKernel([.. MoveLaunch.Of(device, spec.Copy), .. Mask(spec, device)])),
    ];

    private static IEnumerable<ClLaunch> Mask(DropoutSpec spec, ClDevice device) => spec.Mask == ElementType.None ? []
        : MoveLaunch.Fill(
            device, spec.Mask, spec.Mask == ElementType.Bool ? 1 : BitConverter.SingleToUInt32Bits(1), ClArgument.Output(1),
            TensorView.Dense(new Shape(spec.Copy.Moves.Sum(move => move.Shape.Elements))));
}
