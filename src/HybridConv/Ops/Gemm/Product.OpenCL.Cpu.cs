using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

/// <summary>
/// The cpu profile: a product is a pointwise convolution, and runs in its kernel. A constant B is packed once; any other is packed by a launch in front, into
/// working memory.
/// </summary>
internal sealed partial class ProductClRows
{
    /// <summary>The share of the peak that full tiles reach.</summary>
    private const double TileEfficiency = 0.8;

    /// <summary>The most working memory that panels may take.</summary>
    private const long MaxPackedBytes = 256 << 20;

    /// <summary>Rows of B that one work-item packs.</summary>
    private const int PackedRows = 64;

    private IEnumerable<Candidate<ProductSpec, ClDevice>> CpuRows =>
    [
        .. ClLanes.Rows(lanes => new Candidate<ProductSpec, ClDevice>(
            $"{op}.packed.f32.cpu.{PointwiseKernel.Granule(lanes)}x{2 * lanes}",
            (spec, device) => ClLanes.WhyNot(device, lanes) is { } other ? Fit.No(other) : FitsPacked(spec, device),
            spec => ProductRows.Panels(spec, (Isa)lanes),
            (spec, device, _) => BindPacked(spec, device))),
        .. ClLanes.Rows(lanes => new Candidate<ProductSpec, ClDevice>(
            $"{op}.dynamic.f32.cpu.{PointwiseKernel.Granule(lanes)}x{2 * lanes}",
            (spec, device) => ClLanes.WhyNot(device, lanes) is { } other ? Fit.No(other) : FitsDynamic(spec, device),
            _ => null,
            (spec, device, _) => BindDynamic(spec, device))),
    ];

    private static PanelLayout Layout(ProductSpec spec, ClDevice device) => new(device.Lanes, spec.Columns, spec.Depth);

    private static Fit FitsPacked(ProductSpec spec, ClDevice device) => ProductRows.WhyNotPacked(spec) is { } why
        ? Fit.No(why)
        : Fit.Yes(device.Predict(Flops(spec), TrafficBytes(spec), TileEfficiency * Layout(spec, device).Efficiency));

    private static Fit FitsDynamic(ProductSpec spec, ClDevice device)
    {
        if (ProductRows.WhyNotDynamic(spec) is { } why)
            return Fit.No(why);
        int launches = ProductBatches.Of(spec, axes: 1).Take(2).Count();
        if (launches > 1)
            return Fit.No($"the operands do not run evenly through the batch {spec.Batch}");
        long packed = DynamicPanelsBytes(spec, device);
        if (packed > MaxPackedBytes)
            return Fit.No($"packed, B takes {packed} bytes; at most {MaxPackedBytes} are packed in a run");
        return Fit.Yes(device.Predict(Flops(spec), TrafficBytes(spec) + 2.0 * packed, TileEfficiency * Layout(spec, device).Efficiency, launches: 2));
    }

    private static ClKernel BindPacked(ProductSpec spec, ClDevice device)
    {
        int rows = (int)(spec.Batch.Elements * spec.Rows);
        return new ClKernel([new PanelLaunch
        {
            Input = new(ClArgument.Input(0), Line(rows, spec.A.PixelStride)),
            Output = new(ClArgument.Output(), Line(rows, spec.Output.PixelStride)),
            Residual = spec.Residual is null ? PanelOperand.Absent : new(ClArgument.Input(spec.Operands.Residual), Line(rows, spec.Residual.PixelStride)),
            Panels = Layout(spec, device),
            PanelsGroupStride = 0,
            Axes = Lines(rows),
            Batch = 1,
            Channels = spec.Depth,
            Filters = spec.Columns,
            Activation = spec.Activation,
        }.Bind(device).Launch]);
    }

    private static ClKernel BindDynamic(ProductSpec spec, ClDevice device)
    {
        if (ProductBatches.Of(spec, axes: 1).SingleOrDefault() is not { } batch)
            return new ClKernel([]);
        PanelLayout layout = Layout(spec, device);
        long step = batch.Of(spec.B).Strides[0], packedStride = step == 0 ? 0 : layout.Floats, packedCount = step == 0 ? 1 : batch.Count;
        var pack = new ClLaunch(
            new ClProgram("gemm/pack.cpu.cl", $"-D LANES={device.Lanes}"), "pack_panels",
            [
                ClArgument.Input(1), Optional(spec.C, spec.Operands.C), ClArgument.Scratch(),
                spec.Depth, spec.Columns, (int)step, (int)spec.B.Strides[^2], (int)spec.B.Strides[^1], (int)(spec.C?.Strides[^1] ?? 0),
                (int)packedStride, PackedRows, spec.Alpha, spec.Beta,
            ],
            new ClRange(layout.Panels, Math.Max(1, (spec.Depth + PackedRows - 1) / PackedRows), packedCount), new ClRange(1));
        ClLaunch product = new PanelLaunch
        {
            Input = Operand(spec.A, ClArgument.Input(0)),
            Output = Operand(spec.Output, ClArgument.Output()),
            Residual = spec.Residual is null ? PanelOperand.Absent : Operand(spec.Residual, ClArgument.Input(spec.Operands.Residual)),
            Weights = ClArgument.Scratch(),
            Panels = layout,
            PanelsGroupStride = packedStride,
            Groups = (int)batch.Count,
            Axes = Lines(spec.Rows),
            Batch = 1,
            Channels = spec.Depth,
            Filters = spec.Columns,
            Activation = spec.Activation,
        }.Bind(device).Launch;
        return new ClKernel([pack, product], DynamicPanelsBytes(spec, device));

        PanelOperand Operand(TensorView matrix, ClArgument argument) => new(argument, Line(spec.Rows, matrix.Strides[^2]), batch.Of(matrix).Strides[0]);
    }

    private static long DynamicPanelsBytes(ProductSpec spec, ClDevice device)
    {
        long matrices = ProductBatches.Of(spec, axes: 1).FirstOrDefault() is { } batch && batch.Of(spec.B).Strides[0] != 0 ? batch.Count : 1;
        return PanelFormat.HeaderBytes + matrices * Layout(spec, device).Floats * sizeof(float);
    }

    /// <summary>Rows of a matrix as the pixels of one line.</summary>
    private static TensorView Line(int rows, long stride) => new(new Shape(1, 1, 1, 1, rows), 0, [0, 1, 0, 0, stride]);

    private static PanelAxis[] Lines(int rows) => Array.ConvertAll(
        [ImageView.Point, ImageView.Point, ImageView.Point with { Input = rows, Output = rows }], PanelAxis.Of);
}
