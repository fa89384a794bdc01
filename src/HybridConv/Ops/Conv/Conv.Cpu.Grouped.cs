using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>Thin groups, several to a vector, each as wide at the output as at the input: lanes are output channels of neighbouring groups.</summary>
internal sealed partial class ConvOp
{
    private static IEnumerable<Candidate<ConvSpec, CpuInfo>> GroupedRows => IsaDispatch.Rows<ConvSpec>(
        isa => $"conv.grouped.f32.{isa.Label()}", FitsGrouped, (_, isa) => new LaneFormat((int)isa), new GroupedFactory(), narrowest: Isa.V128);

    private static Fit FitsGrouped(ConvSpec spec, CpuInfo machine)
    {
        if (WhyNotPlain(spec) is { } why)
            return Fit.No(why);
        int width = spec.GroupChannels;
        if (width != spec.GroupFilters)
            return Fit.No($"groups have {width} input and {spec.GroupFilters} output channels");
        if (width < 2 || width >= machine.Lanes || machine.Lanes % width != 0)
            return Fit.No($"groups of {width} channels do not share vectors of {machine.Lanes}");
        double vectors = Math.Ceiling(spec.Filters / (double)machine.Lanes), macs = spec.Pixels * vectors * machine.Lanes * spec.Depth;
        return Fit.Yes(Prediction.NanosecondsPerTask + 2 * macs / Prediction.MacsPerNanosecond(machine.Isa) / machine.Threads);
    }

    private sealed class GroupedFactory : IKernelFactory<ConvSpec>
    {
        public IKernel Bind<S, V>(ConvSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new GroupedKernel<S, V>(spec, machine, packed!);
    }
}
