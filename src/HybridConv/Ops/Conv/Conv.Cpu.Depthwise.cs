using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>Groups of one input channel: lanes are output channels.</summary>
internal sealed partial class ConvOp
{
    private static IEnumerable<Candidate<ConvSpec, CpuInfo>> DepthwiseRows => IsaDispatch.Rows<ConvSpec>(
        isa => $"conv.depthwise.f32.{isa.Label()}", FitsDepthwise, (_, isa) => new DepthwiseFormat((int)isa), new DepthwiseFactory());

    private static Fit FitsDepthwise(ConvSpec spec, CpuInfo machine)
    {
        if (spec.GroupChannels != 1)
            return Fit.No($"each group has {spec.GroupChannels} input channels, not 1");
        if (WhyNotPacked(spec) is { } why)
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

/// <summary>
/// Weights as blocks of <paramref name="Lanes"/> output channels: a vector of bias, then one vector per filter position in order. Missing channels and a
/// missing bias are zeros.
/// <code>[K / Lanes] [bias | (r0,s0) | (r0,s1) | ...] [Lanes]</code>
/// </summary>
internal sealed record DepthwiseFormat(int Lanes) : PackFormat
{
    public override IReadOnlyList<int> Operands => [ConvOp.Weights, ConvOp.Bias];

    /// <summary>Floats in one block.</summary>
    public static long Block(long taps, int lanes) => (1 + taps) * lanes;

    public override long Bytes(IReadOnlyList<Tensor?> operands)
    {
        Shape weights = operands[0]!.Shape;
        return (weights[0] + Lanes - 1) / Lanes * Block(weights.Product(1, weights.Rank), Lanes) * sizeof(float);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
    {
        Shape shape = operands[0]!.Shape;
        int filters = shape.Dim(0), taps = (int)shape.Product(1, shape.Rank);
        ReadOnlySpan<float> weights = MemoryMarshal.Cast<byte, float>(operands[0]!.Data.Span);
        ReadOnlySpan<float> bias = operands[1] is { } b ? MemoryMarshal.Cast<byte, float>(b.Data.Span) : default;
        Span<float> packed = MemoryMarshal.Cast<byte, float>(destination);
        packed.Clear();
        for (int k = 0; k < filters; k++)
        {
            Span<float> lane = packed[(int)(k / Lanes * Block(taps, Lanes) + k % Lanes)..];
            if (!bias.IsEmpty)
                lane[0] = bias[k];
            for (int tap = 0; tap < taps; tap++)
                lane[(1 + tap) * Lanes] = weights[k * taps + tap];
        }
    }
}
