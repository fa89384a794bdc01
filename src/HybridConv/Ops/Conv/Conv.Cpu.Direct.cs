using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>Filters of any size, stride, dilation, padding and grouping: an implicit matrix product over segments of input rows.</summary>
internal sealed partial class ConvOp
{
    /// <summary>The most scratch memory that a worker may take: only rows of absurd padding or stride need more.</summary>
    private const double MaxDirectScratch = 64 << 20;

    private static IEnumerable<Candidate<ConvSpec, CpuInfo>> DirectRows => IsaDispatch.Rows<ConvSpec>(
        isa => $"conv.direct.f32.{isa.Label()}.{PointwiseKernel.Granule((int)isa)}x{2 * (int)isa}", FitsDirect, Panels, new DirectFactory());

    private static Fit FitsDirect(ConvSpec spec, CpuInfo machine)
    {
        if (WhyNotPlain(spec) is { } why)
            return Fit.No(why);
        if (spec.IsPointwise)
            return Fit.No("a filter of 1x1 without padding, whose image pointwise rows read in place");
        var geometry = new DirectGeometry(spec, machine);
        if (geometry.ScratchBytes > MaxDirectScratch)
            return Fit.No($"the rows under one line take {geometry.ScratchBytes} bytes; at most {MaxDirectScratch} are copied");
        return Fit.Yes(Predict(geometry, spec, machine));
    }

    private static double Predict(DirectGeometry geometry, ConvSpec spec, CpuInfo machine)
    {
        int line = spec.Windows[2].Output, threads = Math.Clamp(geometry.Tasks, 1, machine.Threads);
        double tiles = spec.Pixels / (double)line * Math.Ceiling(line / (double)PointwiseKernel.Granule(machine.Lanes)) * geometry.Panels.Panels * spec.Groups;
        double compute = Prediction.Compute(geometry.Macs, geometry.Panels, spec.Groups, machine.Isa) + tiles * geometry.Segments * Prediction.NanosecondsPerSegment;
        double copies = geometry.Tasks * geometry.CopiedBytes / Prediction.BytesPerNanosecond;
        return (compute + copies + geometry.Tasks * Prediction.NanosecondsPerTask) / threads;
    }

    private sealed class DirectFactory : IKernelFactory<ConvSpec>
    {
        public IKernel Bind<S, V>(ConvSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new DirectKernel<S, V>(spec, machine, packed!);
    }
}
