using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>Groups of one input channel: lanes are output channels. Images are read in place, or by patches that are copied into the first-level cache.</summary>
internal sealed partial class ConvOp
{
    /// <summary>The most scratch memory that a worker may take: only absurd strides and dilations need more.</summary>
    private const double MaxDepthwiseScratch = 64 << 20;

    /// <summary>
    /// Nanoseconds of a vector: to move it between the first-level cache and what is behind, in memory's order, astride of cache lines or from pixel to pixel; to multiply it by one
    /// weight, from memory, in registers, or where an output sees padding.
    /// </summary>
    private const double DepthwiseMove = 1.4, DepthwiseMoveApart = 1.8, DepthwiseMultiply = 0.25, DepthwiseMultiplyInTile = 0.14, DepthwiseMultiplyAtBorder = 1;

    private static readonly double DepthwiseMoveAstride = CpuInfo.IsAmd ? 1.5 : 2.1;

    private static IEnumerable<Candidate<ConvSpec, CpuInfo>> DepthwiseRows =>
    [
        .. IsaDispatch.Rows<ConvSpec>(isa => $"conv.depthwise.f32.{isa.Label()}", FitsDepthwise, (_, isa) => new LaneFormat((int)isa), new DepthwiseFactory()),
        .. IsaDispatch.Rows<ConvSpec>(isa => $"conv.depthwise.patch.f32.{isa.Label()}", FitsDepthwisePatch, (_, isa) => new LaneFormat((int)isa), new DepthwisePatchFactory()),
    ];

    private static Fit FitsDepthwise(ConvSpec spec, CpuInfo machine)
    {
        if (WhyNotDepthwise(spec) is { } why)
            return Fit.No(why);
        if (spec.GroupFilters > 1)
            return Fit.No($"each channel has {spec.GroupFilters} filters, for which it is repeated in a patch");
        bool isThreeByThree = IsThreeByThree(spec.Windows);
        int tile = isThreeByThree ? DepthwiseTiles<Scalar, float, WholeVector<Scalar, float>>.ThreeByThreeColumns : DepthwiseTiles<Scalar, float, WholeVector<Scalar, float>>.Together;
        (int start, int end) = spec.Windows[2].Unpadded;
        double borders = end - start < tile ? 1 : 1 - (end - start) / (double)spec.Windows[2].Output;
        double inputs = spec.Pixels == 0 ? 0 : spec.Input.Shape.Elements / (double)spec.Output.Shape.Elements;
        double multiply = isThreeByThree ? DepthwiseMultiplyInTile : DepthwiseMultiply;
        double move = spec.Filters % machine.Lanes == 0 ? DepthwiseMove : DepthwiseMoveAstride;
        return Fit.Yes(PredictDepthwise(spec, machine, (1 + inputs) * move + spec.Depth * (multiply * (1 - borders) + DepthwiseMultiplyAtBorder * borders)));
    }

    private static Fit FitsDepthwisePatch(ConvSpec spec, CpuInfo machine)
    {
        if (WhyNotDepthwise(spec) is { } why)
            return Fit.No(why);
        var geometry = new DepthwisePatchGeometry(spec, machine);
        if (geometry.ScratchBytes > MaxDepthwiseScratch)
            return Fit.No($"the patch under one block takes {geometry.ScratchBytes} bytes; at most {MaxDepthwiseScratch} are copied");
        double multiply = geometry.IsThreeByThree ? DepthwiseMultiplyInTile : DepthwiseMultiply;
        return Fit.Yes(PredictDepthwise(spec, machine, (1 + geometry.CopiedPerOutput * spec.GroupFilters) * DepthwiseMoveApart + spec.Depth * multiply));
    }

    private static string? WhyNotDepthwise(ConvSpec spec) =>
        spec.GroupChannels != 1 ? $"each group has {spec.GroupChannels} input channels, not 1" : WhyNotPlain(spec);

    private static double PredictDepthwise(ConvSpec spec, CpuInfo machine, double nanosecondsPerVector) =>
        200 + spec.Pixels * Math.Ceiling(spec.Filters / (double)machine.Lanes) * nanosecondsPerVector / machine.Threads;

    /// <summary>Whether a filter is one that has a tile of its own: 3x3, dense, of stride 1.</summary>
    internal static bool IsThreeByThree(ReadOnlySpan<Window> windows) => windows[0].Kernel == 1
        && (windows[1].Kernel, windows[1].Stride, windows[1].Dilation) == (3, 1, 1) && (windows[2].Kernel, windows[2].Stride, windows[2].Dilation) == (3, 1, 1);

    private sealed class DepthwiseFactory : IKernelFactory<ConvSpec>
    {
        public IKernel Bind<S, V>(ConvSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new DepthwiseKernel<S, V>(spec, machine, packed!);
    }

    private sealed class DepthwisePatchFactory : IKernelFactory<ConvSpec>
    {
        public IKernel Bind<S, V>(ConvSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new DepthwisePatchKernel<S, V>(spec, machine, packed!);
    }
}
