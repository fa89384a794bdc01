using HybridConv.Cl;
using HybridConv.Ops.Gemm;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>GPUs without fast local memory: tiles in registers. Devices of the local profile take them where groups are too thin for tiles.</summary>
internal sealed partial class ConvOp
{
    /// <summary>Filters of a work-item, and of a panel.</summary>
    private const int RegisterFilters = 8;

    private static IReadOnlyList<Candidate<ConvSpec, ClDevice>> RegisterRows =>
    [
        DepthwiseRow(ClProfile.Register),
        new("conv.direct.f32.register.4x8", FitsRegisters, RegisterWeights,
            (spec, device, packed) =>
                BindTiles(spec, device, packed, RegisterWeights(spec), (problem, _) => ([problem.MultiplyInRegisters(skipsPadding: false)], 0))),
    ];

    private static TileFormat RegisterWeights(ConvSpec spec) => TileWeights(spec, RegisterFilters, 1);

    private static Fit FitsRegisters(ConvSpec spec, ClDevice device) =>
        device.Profile is not (ClProfile.Register or ClProfile.Local) ? Fit.No(WhyNotProfile(device, ClProfile.Register)!)
        : WhyNotTiled(spec) is { } why ? Fit.No(why)
        : PredictTiles(spec, device, RegisterWeights(spec), (problem, bytes) => problem.PredictRegisters(device, bytes));
}
