using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

/// <summary>GPUs without fast local memory: tiles in registers.</summary>
internal sealed partial class ProductClRows
{
    /// <summary>Columns of a work-item, and of a panel.</summary>
    private const int RegisterColumns = 8;

    private IReadOnlyList<Candidate<ProductSpec, ClDevice>> RegisterRows =>
    [
        new($"{op}.packed.f32.register.4x8",
            (spec, device) => (WhyNotProfile(device, ClProfile.Register) ?? WhyNotPackedTiles(spec)) is { } why ? Fit.No(why)
                : FitsPackedTiles(spec, RegisterWeights(spec), (problem, bytes) => problem.PredictRegisters(device, bytes)),
            RegisterWeights,
            (spec, _, _) => new ClKernel([PackedProblem(spec, RegisterWeights(spec)).MultiplyInRegisters(skipsPadding: false)])),
        new($"{op}.dynamic.f32.register.4x8",
            (spec, device) => (WhyNotProfile(device, ClProfile.Register) ?? WhyNotDynamicTiles(spec)) is { } why ? Fit.No(why)
                : FitsDynamicTiles(spec, device, RegisterWeights(spec).Layout(), (problem, bytes) => problem.PredictRegisters(device, bytes)),
            _ => null,
            (spec, _, _) => BindDynamicTiles(spec, RegisterWeights(spec).Layout(), problem => problem.MultiplyInRegisters(skipsPadding: false))),
    ];

    private static TileFormat RegisterWeights(ProductSpec spec) => TileWeights(spec, RegisterColumns, 1);
}
