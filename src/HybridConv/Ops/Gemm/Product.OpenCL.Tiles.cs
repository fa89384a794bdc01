using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

/// <summary>
/// What the rows for GPUs share: a product as a pointwise convolution of one line of pixels. A matrix B that is not constant is packed by a launch in front.
/// </summary>
internal sealed partial class ProductClRows
{
    private static string? WhyNotProfile(ClDevice device, ClProfile profile) =>
        device.Profile == profile ? null : $"the device's profile is {device.Profile}, not {profile}";

    private static string? WhyNotPackedTiles(ProductSpec spec) => ProductRows.WhyNotPacked(spec) ?? (spec.Depth == 0 ? "the matrices have a depth of 0" : null);

    private static string? WhyNotDynamicTiles(ProductSpec spec)
    {
        if (ProductRows.WhyNotDynamic(spec) is { } why)
            return why;
        if (spec.Depth == 0)
            return "the matrices have a depth of 0";
        if (spec.Batch.Elements > TileProblem.MostGroups)
            return $"{spec.Batch.Elements} products are more than the {TileProblem.MostGroups} that a launch may have";
        if (ProductBatches.Of(spec, axes: 1).Take(2).Count() > 1)
            return $"the operands do not run evenly through the batch {spec.Batch}";
        long packed = DynamicTileBytes(spec, TileWeights(spec, Tile.Panel, Tile.Stage).Layout());
        return packed > MaxPackedBytes ? $"packed, B takes {packed} bytes; at most {MaxPackedBytes} are packed in a run" : null;
    }

    private static TileFormat TileWeights(ProductSpec spec, int width, int stage)
    {
        (long filterStride, long channelStride) = spec.TransposedB ? ((long)spec.Depth, 1L) : (1L, (long)spec.Columns);
        int bias = spec.C is null ? -1 : spec.Operands.C;
        return new TileFormat(width, stage, 1, new Shape(spec.Columns), 1, spec.Depth, filterStride, 0, channelStride, bias, spec.Alpha, spec.Beta);
    }

    /// <summary>The rows of all positions of the batch as one line of pixels.</summary>
    private static TileProblem PackedProblem(ProductSpec spec, TileFormat format)
    {
        int rows = (int)(spec.Batch.Elements * spec.Rows);
        return TileLine(spec, rows, 1, ClArgument.Packed(format.Start(0)), format.Layout(), view => (view.PixelStride, 0));
    }

    /// <summary>A group for each position of the batch.</summary>
    private static TileProblem DynamicProblem(ProductSpec spec, TileLayout layout)
    {
        ProductBatches batch = ProductBatches.Of(spec, axes: 1).Single();
        return TileLine(spec, spec.Rows, (int)batch.Count, ClArgument.Scratch(), layout, view => (view.Strides[^2], batch.Of(view).Strides[0])) with
        {
            GroupFloats = batch.Of(spec.B).Strides[0] == 0 ? 0 : layout.Floats,
        };
    }

    private static TileProblem TileLine(
        ProductSpec spec, int rows, int groups, ClArgument packed, TileLayout layout, Func<TensorView, (long Row, long Group)> strides)
    {
        PanelOperand Line(ClArgument argument, TensorView view)
        {
            (long row, long group) = strides(view);
            return new PanelOperand(argument, new TensorView(new Shape(1, 1, 1, 1, rows), view.Offset, [0, 1, 0, 0, row]), group);
        }

        return new TileProblem(
            Line(ClArgument.Input(0), spec.A), spec.Residual is null ? PanelOperand.Absent : Line(ClArgument.Input(spec.Operands.Residual), spec.Residual),
            Line(ClArgument.Output(), spec.Output), [ImageView.Point, ImageView.Point, ImageView.Point with { Input = rows, Output = rows }],
            groups, spec.Depth, packed, layout, spec.Activation);
    }

    private static Fit FitsPackedTiles(ProductSpec spec, TileFormat format, Func<TileProblem, double, double> predict)
    {
        double nanoseconds = predict(PackedProblem(spec, format), TrafficBytes(spec));
        return double.IsFinite(nanoseconds) ? Fit.Yes(nanoseconds) : Fit.No($"a depth of {spec.Depth} is too short to be shared out");
    }

    private static Fit FitsDynamicTiles(ProductSpec spec, ClDevice device, TileLayout layout, Func<TileProblem, double, double> predict) =>
        spec.Output.Shape.Elements == 0 ? Fit.Yes(0)
        : Fit.Yes(predict(DynamicProblem(spec, layout), TrafficBytes(spec)) + device.Predict(0, 2.0 * DynamicTileBytes(spec, layout)));

    private static ClKernel BindDynamicTiles(ProductSpec spec, TileLayout layout, Func<TileProblem, ClLaunch> launch)
    {
        if (ProductBatches.Of(spec, axes: 1).SingleOrDefault() is not { } batch)
            return new ClKernel([]);
        long step = batch.Of(spec.B).Strides[0];
        const int packingRows = 8;
        var local = new ClRange(layout.Width, packingRows);
        var pack = new ClLaunch(
            new ClProgram("gemm/pack.cl"), "pack_tiles",
            [
                ClArgument.Input(1), Optional(spec.C, spec.Operands.C), ClArgument.Scratch(),
                checked((int)step), checked((int)spec.B.Strides[^2]), checked((int)spec.B.Strides[^1]), checked((int)(spec.C?.Strides[^1] ?? 0)),
                layout.Width, layout.Rows, layout.Panels, spec.Depth, spec.Columns, spec.Alpha, spec.Beta,
            ],
            new ClRange(layout.Width, (long)layout.Rows * layout.Panels, step == 0 ? 1 : batch.Count).RoundUp(local), local);
        return new ClKernel([pack, launch(DynamicProblem(spec, layout))], DynamicTileBytes(spec, layout));
    }

    /// <summary>Working memory for the panels of all positions of the batch that have a B of their own.</summary>
    private static long DynamicTileBytes(ProductSpec spec, TileLayout layout)
    {
        long matrices = ProductBatches.Of(spec, axes: 1).FirstOrDefault() is { } batch && batch.Of(spec.B).Strides[0] != 0 ? batch.Count : 1;
        return matrices * layout.Floats * sizeof(float);
    }
}
