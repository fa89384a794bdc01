using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>Groups of one input channel: lanes are output channels.</summary>
internal sealed partial class ConvOp
{
    private static IEnumerable<Candidate<ConvSpec, CpuInfo>> DepthwiseRows => IsaDispatch.Rows<ConvSpec>(
        isa => $"conv.depthwise.f32.{isa.Label()}", FitsDepthwise, (_, isa) => new LaneFormat((int)isa), new DepthwiseFactory());

    private static Fit FitsDepthwise(ConvSpec spec, CpuInfo machine)
    {
        if (spec.GroupChannels != 1)
            return Fit.No($"each group has {spec.GroupChannels} input channels, not 1");
        if (WhyNotPlain(spec) is { } why)
            return Fit.No(why);
        double vectors = Math.Ceiling(spec.Filters / (double)machine.Lanes), copies = spec.GroupFilters > 1 ? 3 : 1;
        return Fit.Yes(200 + spec.Pixels * vectors * (1 + copies * spec.Depth * 0.25) / machine.Threads);
    }

    private sealed class DepthwiseFactory : IKernelFactory<ConvSpec>
    {
        public IKernel Bind<S, V>(ConvSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new DepthwiseKernel<S, V>(spec, machine, packed!);
    }
}
