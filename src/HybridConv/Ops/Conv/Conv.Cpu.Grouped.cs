using System.Runtime.InteropServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>Thin groups, several to a vector, each as wide at the output as at the input: lanes are output channels of neighbouring groups.</summary>
internal sealed partial class ConvOp
{
    private static IEnumerable<Candidate<ConvSpec, CpuInfo>> GroupedRows => IsaDispatch.Rows<ConvSpec>(
        isa => $"conv.grouped.f32.{isa.Label()}", FitsGrouped, (spec, isa) => new GroupedFormat((int)isa, spec.HasBias), new GroupedFactory(), narrowest: Isa.V128);

    private static Fit FitsGrouped(ConvSpec spec, CpuInfo machine)
    {
        if (WhyNotPacked(spec) is { } why)
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

/// <summary>
/// Weights as blocks of <paramref name="Lanes"/> output channels: a vector of biases, then for each filter position, for each channel of a group, one vector.
/// Missing channels and a missing bias are zeros.
/// <code>[K / Lanes] [bias | (r0,s0,c0) | (r0,s0,c1) | ...] [Lanes]</code>
/// </summary>
internal sealed record GroupedFormat(int Lanes, bool HasBias) : PackFormat
{
    public override IReadOnlyList<int> Operands => HasBias ? [ConvOp.Weights, ConvOp.Bias] : [ConvOp.Weights];

    public override long Bytes(IReadOnlyList<Tensor?> operands)
    {
        Shape weights = operands[0]!.Shape;
        return (weights[0] + Lanes - 1) / Lanes * (1 + weights.Product(1, weights.Rank)) * Lanes * sizeof(float);
    }

    public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
    {
        Shape shape = operands[0]!.Shape;
        int filters = shape.Dim(0), channels = shape.Dim(1), taps = (int)shape.Product(2, shape.Rank);
        ReadOnlySpan<float> weights = MemoryMarshal.Cast<byte, float>(operands[0]!.Data.Span);
        ReadOnlySpan<float> bias = HasBias ? MemoryMarshal.Cast<byte, float>(operands[1]!.Data.Span) : default;
        Span<float> packed = MemoryMarshal.Cast<byte, float>(destination);
        packed.Clear();
        for (int k = 0; k < filters; k++)
        {
            Span<float> column = packed[(k / Lanes * (1 + taps * channels) * Lanes + k % Lanes)..];
            column[0] = HasBias ? bias[k] : 0;
            for (int tap = 0; tap < taps; tap++)
                for (int c = 0; c < channels; c++)
                    column[(1 + tap * channels + c) * Lanes] = weights[(k * channels + c) * taps + tap];
        }
    }
}
