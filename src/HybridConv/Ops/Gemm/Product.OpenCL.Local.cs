using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

/// <summary>Discrete GPUs: tiles in local memory.</summary>
internal sealed partial class ProductClRows
{
    /// <summary>Rows of A up to which reading B is all the work.</summary>
    private const int MostVectors = 16;

    // Rows for tensor cores (inline PTX), for sub-groups and for half precision belong before the tiles that they replace: same problems, other programs.
    private IReadOnlyList<Candidate<ProductSpec, ClDevice>> LocalRows =>
    [
        new($"{op}.vector.f32.local", FitsVectors, LocalWeights, (spec, _, _) => new ClKernel([PackedProblem(spec, LocalWeights(spec)).MultiplyVectors()])),
        .. ((IEnumerable<Tile>)[.. Tile.All, Tile.Sliced]).Select(tile => new Candidate<ProductSpec, ClDevice>(
            $"{op}.packed{(tile.Slices > 1 ? ".slices" : "")}.f32.local.{tile}",
            (spec, device) => (WhyNotLocal(device) ?? WhyNotPackedTiles(spec) ?? tile.WhyNot(device)) is { } why
                ? Fit.No(why)
                : FitsPackedTiles(spec, LocalWeights(spec), (problem, bytes) => problem.Predict(tile, device, bytes)),
            LocalWeights,
            (spec, _, _) => new ClKernel([PackedProblem(spec, LocalWeights(spec)).Multiply(tile)]))),
        .. Tile.All.Where(tile => tile.Pixels <= 64).Select(tile => new Candidate<ProductSpec, ClDevice>(
            $"{op}.packed.split.f32.local.{tile}",
            (spec, device) => (WhyNotLocal(device) ?? WhyNotPackedTiles(spec) ?? WhyNotOtherSums(device) ?? tile.WhyNot(device)) is { } why
                ? Fit.No(why)
                : FitsPackedTiles(spec, LocalWeights(spec), (problem, bytes) => problem.BestParts(tile, device, bytes).Nanoseconds),
            LocalWeights,
            (spec, device, _) => BindParts(spec, device, tile))),
        .. Tile.All.Select(tile => new Candidate<ProductSpec, ClDevice>(
            $"{op}.dynamic.f32.local.{tile}",
            (spec, device) => (WhyNotLocal(device) ?? WhyNotDynamicTiles(spec) ?? tile.WhyNot(device)) is { } why
                ? Fit.No(why)
                : FitsDynamicTiles(spec, device, LocalWeights(spec).Layout(), (problem, bytes) => problem.Predict(tile, device, bytes)),
            _ => null,
            (spec, _, _) => BindDynamicTiles(spec, LocalWeights(spec).Layout(), problem => problem.Multiply(tile)))),
    ];

    private static string? WhyNotLocal(ClDevice device) => WhyNotProfile(device, ClProfile.Local);

    private static TileFormat LocalWeights(ProductSpec spec) => TileWeights(spec, Tile.Panel, Tile.Stage);

    private static Fit FitsVectors(ProductSpec spec, ClDevice device) =>
        (WhyNotLocal(device) ?? WhyNotPackedTiles(spec) ?? WhyNotOtherSums(device)) is { } why ? Fit.No(why)
        : spec.Batch.Elements * spec.Rows > MostVectors ? Fit.No($"{spec.Batch.Elements * spec.Rows} rows are more than {MostVectors}")
        : FitsPackedTiles(spec, LocalWeights(spec), (problem, bytes) => problem.PredictVectors(device, bytes));

    private static ClKernel BindParts(ProductSpec spec, ClDevice device, Tile tile)
    {
        TileProblem problem = PackedProblem(spec, LocalWeights(spec));
        int partStages = problem.BestParts(tile, device, TrafficBytes(spec)).PartStages;
        return new ClKernel([.. problem.MultiplyInParts(tile, partStages, ClArgument.Scratch())], problem.PartBytes(partStages));
    }

    private static string? WhyNotOtherSums(ClDevice device) => device.Reproducible ? "precision reproducible asks for sums in the CPU's order" : null;
}
