using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

/// <summary>The rows that Gemm and MatMul share: a product with a constant matrix is a pointwise convolution, and runs in its kernel.</summary>
internal static class ProductRows
{
    public static IReadOnlyList<Candidate<ProductSpec, CpuInfo>> Of(string op) =>
    [
        .. IsaDispatch.Rows<ProductSpec>(
            isa => $"{op}.packed.f32.{isa.Label()}.{PointwiseKernel.Granule((int)isa)}x{2 * (int)isa}", FitsPacked, Panels, new PackedFactory()),
        .. IsaDispatch.Rows<ProductSpec>(
            isa => $"{op}.dynamic.f32.{isa.Label()}.{PointwiseKernel.Granule((int)isa)}x{2 * (int)isa}", FitsDynamic, null, new DynamicFactory()),
    ];

    /// <summary>The most scratch memory that a worker may take for a panel.</summary>
    private const double MaxPanelBytes = 64 << 20;

    private static Fit FitsPacked(ProductSpec spec, CpuInfo machine) =>
        WhyNotPacked(spec) is { } why ? Fit.No(why) : Fit.Yes(Prediction.PanelProduct(Problem(spec, machine.Isa), machine));

    /// <summary>Why a product's B cannot be packed once and for all, or its rows not be pixels; null when they can.</summary>
    public static string? WhyNotPacked(ProductSpec spec)
    {
        if (!spec.HasConstantB)
            return "B or C is not a constant";
        if (spec.Batch.Elements > 1 && !Repeats(spec.B, 2))
            return $"B is {spec.Batch.Elements} matrices";
        if (spec.C is { } c && !(Repeats(c, 1) && c.Strides[^1] is 0 or 1))
            return "C is more than one row";
        foreach (TensorView? rows in (ReadOnlySpan<TensorView?>)[spec.A, spec.Output, spec.Residual])
            if (rows is not null && rows.PixelStride < 0)
                return $"the rows of a {rows.Shape} are not evenly spaced, or their elements not contiguous";
        return null;
    }

    private static Fit FitsDynamic(ProductSpec spec, CpuInfo machine)
    {
        if (WhyNotDynamic(spec) is { } why)
            return Fit.No(why);
        if (DynamicProductCut.PanelBytes(spec, machine) > MaxPanelBytes)
            return Fit.No($"a panel of depth {spec.Depth} takes {DynamicProductCut.PanelBytes(spec, machine)} bytes; at most {MaxPanelBytes} are packed");
        var panels = new PanelLayout(machine.Lanes, spec.Columns, spec.Depth);
        var cut = new DynamicProductCut(spec, machine);
        double macs = (double)spec.Output.Shape.Elements * spec.Depth, packed = cut.Tasks * (double)panels.Start(1) / 2;
        return Fit.Yes((macs / panels.Efficiency / Prediction.MacsPerNanosecond(machine.Isa) + packed + cut.Tasks * Prediction.NanosecondsPerTask)
            / Math.Clamp(cut.Tasks, 1, machine.Threads));
    }

    /// <summary>Why a product's B cannot be packed in every run; null when it can.</summary>
    public static string? WhyNotDynamic(ProductSpec spec)
    {
        if (WhyNotPacked(spec) is null)
            return "B is a constant, which is packed once and not in every run";
        if (spec.C is { } c && spec.Rows > 1 && c.Strides[^2] != 0)
            return "C is more than one row";
        foreach (TensorView? matrix in (ReadOnlySpan<TensorView?>)[spec.A, spec.Output, spec.Residual])
            if (matrix is not null && matrix.Shape[-1] > 1 && matrix.Strides[^1] != 1)
                return $"the elements of a row of {matrix.Shape} lie {matrix.Strides[^1]} apart";
        return null;
    }

    /// <summary>Whether nothing changes along all axes but the last <paramref name="but"/>.</summary>
    private static bool Repeats(TensorView view, int but)
    {
        for (int axis = 0; axis < view.Shape.Rank - but; axis++)
            if (view.Shape[axis] > 1 && view.Strides[axis] != 0)
                return false;
        return true;
    }

    /// <summary>Panels of a constant B.</summary>
    public static PanelFormat Panels(ProductSpec spec, Isa isa)
    {
        (long filterStride, long channelStride) = spec.TransposedB ? ((long)spec.Depth, 1L) : (1L, (long)spec.Columns);
        int bias = spec.C is null ? -1 : spec.Operands.C;
        return new PanelFormat((int)isa, 1, spec.Columns, 1, spec.Depth, filterStride, 0, channelStride, bias, spec.Alpha, spec.Beta);
    }

    private static PointwiseProblem Problem(ProductSpec spec, Isa isa) => new(
        Panels(spec, isa).Layout, 1, new LineGrid(1, 1, 1, (int)(spec.Batch.Elements * spec.Rows)), Line(spec.A),
        [new PointwiseOutput(spec.Columns, Line(spec.Output))],
        spec.Residual is null ? default : Line(spec.Residual), spec.Residual is null ? -1 : spec.Operands.Residual, spec.Activation);

    private static LineStrides Line(TensorView rows) => new(0, 0, 0, (nint)rows.PixelStride);

    private sealed class PackedFactory : IKernelFactory<ProductSpec>
    {
        public IKernel Bind<S, V>(ProductSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new PointwiseKernel<S, V>(Problem(spec, machine.Isa), machine.Threads, packed!);
    }

    private sealed class DynamicFactory : IKernelFactory<ProductSpec>
    {
        public IKernel Bind<S, V>(ProductSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new DynamicProductKernel<S, V>(spec, machine);
    }
}
