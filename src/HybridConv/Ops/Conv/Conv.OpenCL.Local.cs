using HybridConv.Cl;
using HybridConv.Ops.Gemm;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>Discrete GPUs: tiles in local memory.</summary>
internal sealed partial class ConvOp
{
    /// <summary>Pixels up to which reading the weights is all the work.</summary>
    private const int MostVectors = 16;

    /// <summary>The tiles that several work-groups may share.</summary>
    private static IEnumerable<Tile> SharedTiles => Tile.All.Where(tile => tile.Pixels <= 64);

    // Rows for tensor cores (inline PTX), for sub-groups and for half precision belong before the tiles that they replace: same problems, other programs.
    private static IReadOnlyList<Candidate<ConvSpec, ClDevice>> LocalRows =>
    [
        DepthwiseRow(ClProfile.Local),
        WinogradRow(4),
        WinogradRow(2),
        VectorRow,
        .. Tile.All.Select(tile => TileRow("conv.pointwise", tile, WhyNotPointwiseTile)),
        .. SharedTiles.Select(tile => PartsRow("conv.pointwise.split", tile, WhyNotPointwiseTile)),
        TileRow("conv.pointwise.slices", Tile.Sliced, WhyNotPointwiseTile),
        .. Tile.All.Select(tile => TileRow("conv.direct", tile, WhyNotDirectTile)),
        .. SharedTiles.Select(tile => PartsRow("conv.direct.split", tile, WhyNotDirectTile)),
        TileRow("conv.direct.slices", Tile.Sliced, WhyNotDirectTile),
    ];

    private static string? WhyNotLocal(ClDevice device) => WhyNotProfile(device, ClProfile.Local);

    private static string? WhyNotPointwiseTile(ConvSpec spec) => spec.IsPointwise ? null : WhyNotPointwise(spec);

    private static string? WhyNotDirectTile(ConvSpec spec) => spec.IsPointwise ? "the filter is pointwise" : null;

    private static TileFormat LocalWeights(ConvSpec spec) => TileWeights(spec, Tile.Panel, Tile.Stage);

    /// <summary>Each output is one chain, or, in slices, the sum of a few.</summary>
    private static Candidate<ConvSpec, ClDevice> TileRow(string name, Tile tile, Func<ConvSpec, string?> whyNot) => new(
        $"{name}.f32.local.{tile}",
        (spec, device) => (WhyNotLocal(device) ?? whyNot(spec) ?? WhyNotTiled(spec) ?? tile.WhyNot(device)) is { } why
            ? Fit.No(why)
            : PredictTiles(spec, device, LocalWeights(spec), (problem, bytes) => problem.Predict(tile, device, bytes)),
        LocalWeights,
        (spec, device, packed) => BindTiles(spec, device, packed, LocalWeights(spec), (problem, _) => ([problem.Multiply(tile)], 0)));

    /// <summary>Each output is the sum of a few chains.</summary>
    private static Candidate<ConvSpec, ClDevice> PartsRow(string name, Tile tile, Func<ConvSpec, string?> whyNot) => new(
        $"{name}.f32.local.{tile}",
        (spec, device) => (WhyNotLocal(device) ?? whyNot(spec) ?? WhyNotTiled(spec) ?? WhyNotOtherSums(device) ?? tile.WhyNot(device)) is { } why
            ? Fit.No(why)
            : PredictTiles(spec, device, LocalWeights(spec), (problem, bytes) => problem.BestParts(tile, device, bytes).Nanoseconds),
        LocalWeights,
        (spec, device, packed) => BindTiles(spec, device, packed, LocalWeights(spec), (problem, scratch) =>
        {
            int partStages = problem.BestParts(tile, device, TrafficBytes(spec) / spec.Outputs.Count).PartStages;
            return (problem.MultiplyInParts(tile, partStages, ClArgument.Scratch(scratch)), problem.PartBytes(partStages));
        }));

    /// <summary>Pointwise filters on a few pixels: each output is a tree of chains.</summary>
    private static Candidate<ConvSpec, ClDevice> VectorRow => new(
        "conv.vector.f32.local",
        (spec, device) => (WhyNotLocal(device) ?? WhyNotPointwiseTile(spec) ?? WhyNotTiled(spec) ?? WhyNotOtherSums(device)) is { } why
            ? Fit.No(why)
            : spec.Pixels > MostVectors ? Fit.No($"{spec.Pixels} pixels are more than {MostVectors}")
            : PredictTiles(spec, device, LocalWeights(spec), (problem, bytes) => problem.PredictVectors(device, bytes)),
        LocalWeights,
        (spec, device, packed) => BindTiles(spec, device, packed, LocalWeights(spec), (problem, _) => ([problem.MultiplyVectors()], 0)));

    /// <summary>Why sums may not be taken in another order; null when they may.</summary>
    private static string? WhyNotOtherSums(ClDevice device) => device.Reproducible ? "precision reproducible asks for sums in the CPU's order" : null;
}
