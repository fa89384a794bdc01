using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Ops.Gemm;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// 3x3 weights g as G g G', computed in double and rounded once: a matrix of channels by filters for each of the positions of a tile's pixels, as <see
/// cref="TileFormat"/> lays out groups, behind its header and the biases; the header's second number is then 1. Weights that are not finite, or almost not,
/// are packed as <see cref="TileFormat"/> has them, header and all: no transform may spread them.
/// </summary>
/// <param name="Outputs">Outputs of a tile along either axis: 2 or 4.</param>
/// <param name="Filters">Output channels.</param>
/// <param name="Channels">Input channels.</param>
/// <param name="HasBias">Whether there is a bias.</param>
internal sealed record WinogradFormat(int Outputs, int Filters, int Channels, bool HasBias) : PackFormat
{
    private const int Taps = WinogradTransform.Taps;

    public const long BiasStart = TileFormat.HeaderBytes;

    public override IReadOnlyList<int> Operands => HasBias ? [ConvOp.Weights, ConvOp.Bias] : [ConvOp.Weights];

    /// <summary>The matrix of one position.</summary>
    public TileLayout Layout => new(Tile.Panel, Tile.Stage, Filters, Channels);

    /// <summary>The first byte of the first position's panels.</summary>
    public long PanelsStart => BiasStart + (Filters + 15L) / 16 * 16 * sizeof(float);

    /// <summary>The weights as they are.</summary>
    private TileFormat Direct =>
        new(Tile.Panel, Tile.Stage, 1, new Shape(Filters), Taps * Taps, Channels, (long)Taps * Taps * Channels, 1, Taps * Taps, HasBias ? ConvOp.Bias : -1);

    private double[][] Transform => WinogradTransform.Filters(Outputs);

    public override long Bytes(IReadOnlyList<Tensor?> operands) =>
        Math.Max(Direct.Bytes(operands), PanelsStart + (long)Transform.Length * Transform.Length * Layout.Floats * sizeof(float));

    /// <summary>Whether packed weights are transformed, rather than what the direct rows take.</summary>
    public static bool IsTransformed(PackedWeights packed) => MemoryMarshal.Read<int>(packed.Memory.Span[sizeof(int)..]) != 0;

    public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
    {
        using LentBytes lent = operands[0]!.Lend();
        ReadOnlySpan<float> weights = lent.Floats;
        if (!WinogradTransform.CanTransform(weights))
        {
            Direct.Pack(operands, destination);
            return;
        }
        destination.Clear();
        MemoryMarshal.Write(destination, 1);
        MemoryMarshal.Write(destination[sizeof(int)..], 1);
        if (HasBias)
            operands[1]!.Data.Span.CopyTo(destination[(int)BiasStart..]);
        double[][] g = Transform;
        Span<double> factors = stackalloc double[Taps * Taps];
        for (int position = 0; position < g.Length * g.Length; position++)
        {
            for (int tap = 0; tap < factors.Length; tap++)
                factors[tap] = g[position / g.Length][tap / Taps] * g[position % g.Length][tap % Taps];
            long start = PanelsStart + position * Layout.Floats * sizeof(float);
            PackPosition(weights, factors, MemoryMarshal.Cast<byte, float>(destination[checked((int)start)..]));
        }
    }

    /// <summary>Writes the panels of one position over zeros.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackPosition(ReadOnlySpan<float> weights, ReadOnlySpan<double> factors, Span<float> panels)
    {
        TileLayout layout = Layout;
        for (int k = 0; k < Filters; k++)
        {
            Span<float> column = panels[(k / layout.Width * layout.PanelFloats + k % layout.Width)..];
            for (int c = 0; c < Channels; c++)
            {
                ReadOnlySpan<float> filter = weights.Slice((k * Channels + c) * factors.Length, factors.Length);
                double sum = 0;
                for (int tap = 0; tap < factors.Length; tap++)
                    sum += factors[tap] * filter[tap];
                column[(1 + c) * layout.Width] = (float)sum;
            }
        }
    }
}
