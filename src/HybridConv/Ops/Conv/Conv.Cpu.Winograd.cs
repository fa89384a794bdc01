using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>3x3 filters of stride 1 by Winograd's algorithm: fewer multiplications, in another order than the definition's.</summary>
internal sealed partial class ConvOp
{
    /// <summary>Channels and filters below which the transforms cost more than they save.</summary>
    private const int LeastWinogradChannels = 8;

    /// <summary>
    /// Winograd's weights take more memory, and its sums are less exact: it has to be predicted so many times as fast as other rows to be taken.
    /// </summary>
    private const double LeastWinogradGain = 1.25;

    /// <summary>The most scratch memory that a worker may take.</summary>
    private const double MaxWinogradScratch = 256 << 20;

    private static IEnumerable<Candidate<ConvSpec, CpuInfo>> WinogradRows<T>() where T : struct, IWinogradTile => IsaDispatch.Rows<ConvSpec>(
        isa => $"conv.winograd.f{T.Outputs}x3.f32.{isa.Label()}", (spec, machine) => FitsWinograd(spec, machine, T.Outputs),
        (spec, isa) => WinogradWeights(spec, isa, T.Outputs), new WinogradFactory<T>());

    private static WinogradPanels WinogradWeights(ConvSpec spec, Isa isa, int outputs) => new(Panels(spec, isa), outputs);

    private static Fit FitsWinograd(ConvSpec spec, CpuInfo machine, int outputs)
    {
        if (machine.Precision == Precision.Reproducible)
            return Fit.No("precision reproducible asks for sums in the definition's order");
        if ((WhyNotWinograd(spec) ?? WhyNotPlain(spec)) is { } why)
            return Fit.No(why);
        var geometry = new WinogradGeometry(spec, machine, outputs);
        if (geometry.ScratchBytes > MaxWinogradScratch)
            return Fit.No($"a block of tiles takes {geometry.ScratchBytes} bytes; at most {MaxWinogradScratch} are spent");
        return Fit.Yes(LeastWinogradGain * geometry.Nanoseconds);
    }

    /// <summary>Why Winograd's algorithm is not for a convolution on any device; null when it is.</summary>
    private static string? WhyNotWinograd(ConvSpec spec)
    {
        (Window depth, Window height, Window width) = (spec.Windows[0], spec.Windows[1], spec.Windows[2]);
        if (depth != ImageView.Point || height is not { Kernel: 3, Stride: 1, Dilation: 1 } || width is not { Kernel: 3, Stride: 1, Dilation: 1 })
            return $"a filter of {depth.Kernel}x{height.Kernel}x{width.Kernel} with strides {height.Stride}, {width.Stride} is not 3x3 of stride 1";
        if (spec.Groups > 1)
            return $"there are {spec.Groups} groups";
        if (spec.Channels < LeastWinogradChannels || spec.Filters < LeastWinogradChannels)
            return $"{spec.Channels} channels and {spec.Filters} filters: fewer than {LeastWinogradChannels} are not worth the transforms";
        return null;
    }

    private sealed class WinogradFactory<T> : IKernelFactory<ConvSpec> where T : struct, IWinogradTile
    {
        public IKernel Bind<S, V>(ConvSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            WinogradPanels.IsTransformed(packed!)
            ? new WinogradKernel<S, V, T>(spec, machine, WinogradWeights(spec, machine.Isa, T.Outputs), packed!)
            : new DirectKernel<S, V>(spec, machine, packed!);
    }
}
