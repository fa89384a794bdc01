using System.Runtime.InteropServices;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// Weights of thin groups as rows of all output channels, so that vectors may start at any group. Behind a header of 64 bytes whose first number says whether
/// all weights are finite: biases; for each tap, for each input channel of a group, weights; zeros.
/// <code>[bias of K filters] [(tap 0, c 0) of K filters] [(tap 0, c 1)] ... [K zeros]</code>
/// </summary>
internal sealed record TapFormat : PackFormat
{
    private const int HeaderBytes = AlignedMemory.Alignment;

    public override IReadOnlyList<int> Operands => [ConvOp.Weights, ConvOp.Bias];

    public override long Bytes(IReadOnlyList<Tensor?> operands)
    {
        Shape weights = operands[0]!.Shape;
        return HeaderBytes + weights[0] * (2 + weights.Product(1, weights.Rank)) * sizeof(float);
    }

    public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
    {
        Shape shape = operands[0]!.Shape;
        int filters = shape.Dim(0), channels = shape.Dim(1), taps = (int)shape.Product(2, shape.Rank);
        using LentBytes lent = operands[0]!.Lend();
        ReadOnlySpan<float> weights = lent.Floats;
        destination.Clear();
        Span<float> rows = MemoryMarshal.Cast<byte, float>(destination[HeaderBytes..]);
        if (operands[1] is { } bias)
            MemoryMarshal.Cast<byte, float>(bias.Data.Span).CopyTo(rows);
        bool finite = true;
        for (int k = 0; k < filters; k++)
            for (int c = 0; c < channels; c++)
                for (int tap = 0; tap < taps; tap++)
                {
                    float weight = weights[(k * channels + c) * taps + tap];
                    finite &= float.IsFinite(weight);
                    rows[(1 + tap * channels + c) * filters + k] = weight;
                }
        MemoryMarshal.Write(destination, finite ? 1 : 0);
    }
}
