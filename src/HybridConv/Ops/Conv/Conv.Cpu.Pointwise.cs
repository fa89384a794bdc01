using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>1x1 filters without padding, of any stride and in any groups: one matrix product on the image's own memory.</summary>
internal sealed partial class ConvOp
{
    private static IEnumerable<Candidate<ConvSpec, CpuInfo>> PointwiseRows => IsaDispatch.Rows<ConvSpec>(
        isa => $"conv.pointwise.f32.{isa.Label()}.{PointwiseKernel.Granule((int)isa)}x{2 * (int)isa}",
        FitsPointwise, Panels, new PointwiseFactory());

    private static Fit FitsPointwise(ConvSpec spec, CpuInfo machine)
    {
        if (!spec.IsPointwise)
            return Fit.No($"a filter of {spec.Windows[0].Kernel}x{spec.Windows[1].Kernel}x{spec.Windows[2].Kernel}, or padding, is not pointwise");
        if (WhyNotPacked(spec) is { } why)
            return Fit.No(why);
        return Fit.Yes(Prediction.PanelProduct(Problem(spec, machine.Isa), machine));
    }

    private static PointwiseProblem Problem(ConvSpec spec, Isa isa) => new(
        Panels(spec, isa).Layout, spec.Groups, Grid(spec), Lines(spec.Input, spec.Windows), Lines(spec.Output),
        spec.Residual is null ? default : Lines(spec.Residual), spec.Residual is null ? -1 : Residual, spec.Activation);

    private sealed class PointwiseFactory : IKernelFactory<ConvSpec>
    {
        public IKernel Bind<S, V>(ConvSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new PointwiseKernel<S, V>(Problem(spec, machine.Isa), machine.Threads, packed!);
    }
}
