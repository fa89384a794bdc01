using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// Weights for kernels whose lanes are output channels, as blocks of <paramref name="Lanes"/> of them: a vector of biases, then for each filter position, for each
/// input channel of a group, one vector. Missing channels and a missing bias are zeros. Behind them stands a number that says
/// whether all weights are finite.
/// <code>[K / Lanes] [bias | (r0,s0,c0) | (r0,s0,c1) | ...] [Lanes]   finite</code>
/// </summary>
internal sealed record LaneFormat(int Lanes) : PackFormat
{
    public override IReadOnlyList<int> Operands => [ConvOp.Weights, ConvOp.Bias];

    /// <summary>Floats in one block.</summary>
    public static long Block(long depth, int lanes) => (1 + depth) * lanes;

    /// <summary>Whether packed weights are all finite.</summary>
    public static unsafe bool IsFinite(PackedWeights packed) => *(int*)(packed.Address + (nint)packed.Bytes - sizeof(int)) != 0;

    public override long Bytes(IReadOnlyList<Tensor?> operands)
    {
        Shape weights = operands[0]!.Shape;
        return (weights[0] + Lanes - 1) / Lanes * Block(weights.Product(1, weights.Rank), Lanes) * sizeof(float) + sizeof(int);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
    {
        Shape shape = operands[0]!.Shape;
        int filters = shape.Dim(0), channels = shape.Dim(1), taps = (int)shape.Product(2, shape.Rank);
        using LentBytes lent = operands[0]!.Lend();
        ReadOnlySpan<float> weights = lent.Floats;
        ReadOnlySpan<float> bias = operands[1] is { } b ? MemoryMarshal.Cast<byte, float>(b.Data.Span) : default;
        Span<float> packed = MemoryMarshal.Cast<byte, float>(destination);
        packed.Clear();
        bool finite = true;
        for (int k = 0; k < filters; k++)
        {
            Span<float> lane = packed[(int)(k / Lanes * Block((long)taps * channels, Lanes) + k % Lanes)..];
            if (!bias.IsEmpty)
                lane[0] = bias[k];
            for (int tap = 0; tap < taps; tap++)
                for (int c = 0; c < channels; c++)
                {
                    float weight = weights[(k * channels + c) * taps + tap];
                    finite &= float.IsFinite(weight);
                    lane[(1 + tap * channels + c) * Lanes] = weight;
                }
        }
        MemoryMarshal.Write(destination[^sizeof(int)..], finite ? 1 : 0);
    }
}
