using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

/// <summary>The definition on a device: one output per work-item, for every spec and every profile.</summary>
internal sealed partial class ProductClRows
{
    private const int ReferenceGroup = 64, ReferenceAxes = 3;

    private Candidate<ProductSpec, ClDevice> ReferenceRow => new(
        $"{op}.direct.f32.reference",
        (spec, device) => Fit.Yes(device.Predict(Flops(spec), TrafficBytes(spec), efficiency: 0.01) + device.PredictChain(spec.Depth)),
        _ => null,
        (spec, _, _) => BindReference(spec));

    private static double Flops(ProductSpec spec) => 2.0 * spec.Output.Shape.Elements * spec.Depth;

    /// <summary>Bytes that cross the memory bus when everything is read and written once.</summary>
    private static double TrafficBytes(ProductSpec spec) =>
        sizeof(float) * ((double)spec.A.Shape.Elements + spec.B.Shape.Elements + spec.Output.Shape.Elements * (spec.Residual is null ? 1.0 : 2.0));

    private static ClArgument Optional(TensorView? operand, int input) => operand is null ? ClArgument.Absent : ClArgument.Input(input);

    private static ClKernel BindReference(ProductSpec spec)
    {
        var local = new ClRange(ReferenceGroup);
        return new ClKernel([.. ProductBatches.Of(spec, ReferenceAxes).Select(batches => new ClLaunch(
            new ClProgram("gemm/reference.cl", ClActivation.Define(spec.Activation)), "product_reference",
            [
                ClArgument.Input(0), ClArgument.Input(1), Optional(spec.C, spec.Operands.C), Optional(spec.Residual, spec.Operands.Residual),
                ClArgument.Output(),
                .. batches.Matrices(spec.A), .. batches.Matrices(spec.B), .. batches.Matrices(spec.C), .. batches.Matrices(spec.Residual),
                .. batches.Matrices(spec.Output),
                .. batches.Sizes, spec.Rows, spec.Columns, spec.Depth, spec.Alpha, spec.Beta, .. ClActivation.Arguments(spec.Activation),
            ],
            new ClRange(batches.Count * spec.Rows * spec.Columns).RoundUp(local), local))]);
    }
}
