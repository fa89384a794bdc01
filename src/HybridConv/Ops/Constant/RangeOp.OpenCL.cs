using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Constant;

internal sealed partial class RangeOp : ITable<RangeAttributes, ClDevice>
{
    /// <summary>Only ranges too long to be folded into constants come here.</summary>
    IReadOnlyList<Candidate<RangeAttributes, ClDevice>> ITable<RangeAttributes, ClDevice>.Rows => field ??=
    [
        new("range.direct.f32.portable",
            (spec, device) => spec.Start!.Type == ElementType.Float32
                ? Fit.Yes(device.Predict(2.0 * spec.Count, (double)spec.Count * sizeof(float))) : Fit.No($"the elements are {spec.Start.Type.Label()}, not float32"),
            _ => null, Bind),
    ];

    private static ClKernel Bind(RangeAttributes spec, ClDevice device, PackedWeights? packed)
    {
        ClShare share = ClShare.Of(device, spec.Count, spec.Count);
        return new ClKernel(
        [
            new ClLaunch(
                new ClProgram("constant/range.cl"), "range",
                [ClArgument.Output(), Single<float>(spec.Start!), Single<float>(spec.Step!), checked((int)spec.Count), share.Units], share.Global, share.Local),
        ]);
    }
}
