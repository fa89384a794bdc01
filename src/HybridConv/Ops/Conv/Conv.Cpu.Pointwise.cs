using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Ops.Windows;
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
        if (spec.Groups > 1 && (spec.Scaling is not null || spec.Outputs.Count > 1))
            return Fit.No($"the image is scaled, or the result is stored in several tensors, with {spec.Groups} groups");
        return Fit.Yes(Prediction.PanelProduct(Problem(spec, machine.Isa), machine));
    }

    private static PointwiseProblem Problem(ConvSpec spec, Isa isa) => new(
        Panels(spec, isa).Layout, spec.Groups, Grid(spec), Lines(spec.Input, spec.Windows),
        [.. spec.Outputs.Select(output => new PointwiseOutput(output.Shape.Dim(ImageView.Channel) / spec.Groups, Lines(output)))],
        spec.Residual is null ? default : Lines(spec.Residual), spec.Residual is null ? -1 : Residual, spec.Activation)
    {
        Scaling = spec.Scaling is not { } scaling ? null : new PixelScaling(
            spec.ImagePixels, new PixelNumbers(Scale, (nint)InputScaling.ImageStride(scaling.Scale)),
            scaling.Shift is null ? null : new PixelNumbers(Shift, (nint)InputScaling.ImageStride(scaling.Shift)), scaling.Activation),
    };

    private sealed class PointwiseFactory : IKernelFactory<ConvSpec>
    {
        public IKernel Bind<S, V>(ConvSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new PointwiseKernel<S, V>(Problem(spec, machine.Isa), machine.Threads, packed!);
    }
}
