using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Reduce;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Pool;

internal sealed partial class GlobalAveragePoolOp : ITable<GlobalPoolSpec, ClDevice>
{
    IReadOnlyList<Candidate<GlobalPoolSpec, ClDevice>> ITable<GlobalPoolSpec, ClDevice>.Rows => field ??= GlobalPoolClRows.Of("globalaveragepool", averages: true);
}

internal sealed partial class GlobalMaxPoolOp : ITable<GlobalPoolSpec, ClDevice>
{
    IReadOnlyList<Candidate<GlobalPoolSpec, ClDevice>> ITable<GlobalPoolSpec, ClDevice>.Rows => field ??= GlobalPoolClRows.Of("globalmaxpool", averages: false);
}

/// <summary>Global pools on OpenCL devices: reductions over the pixels of each channel, of images of either layout and any strides.</summary>
internal static class GlobalPoolClRows
{
    public static IReadOnlyList<Candidate<GlobalPoolSpec, ClDevice>> Of(string op, bool averages) => ReduceClRows.Of<GlobalPoolSpec>(op, _ => null, spec => Problem(spec, averages));

    private static ReduceProblem Problem(GlobalPoolSpec spec, bool averages)
    {
        var results = LoopNest.Over(
            new Shape(spec.Input.Shape[ImageView.Batch], spec.Channels),
            [spec.Output.Strides[ImageView.Batch], spec.Output.Strides[ImageView.Channel]], [spec.Input.Strides[ImageView.Batch], spec.Input.Strides[ImageView.Channel]]);
        return new ReduceProblem(
            results.Shape, results.Strides[0], results.Strides[1], LoopNest.Over(spec.Plane, spec.PlaneStrides), spec.Pixels, averages ? Math.Max(1, spec.Pixels) : 1, !averages);
    }
}
