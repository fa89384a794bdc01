using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HybridConv.Cpu.Gemm;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// 3x3 weights g as G g G', computed in double and rounded once: behind the header and the biases, a matrix of channels by filters for each position of a
/// tile's pixels, as panels without biases of their own. The header's second number is then 1. Weights that are not finite, or almost not, are packed as the
/// direct rows take them: no transform may spread them.
/// <code>
/// [ header | biases of all filters | position 0: panel, panel, ... | position 1: panel, panel, ... | ... ]
/// </code>
/// </summary>
/// <param name="Direct">The weights as direct rows take them, of one group.</param>
/// <param name="Outputs">Outputs of a tile along either axis: 2 or 4.</param>
internal sealed record WinogradPanels(PanelFormat Direct, int Outputs) : PackFormat
{
    private const int Taps = WinogradTransform.Taps;

    public override IReadOnlyList<int> Operands => Direct.Operands;

    /// <summary>The panels of one position.</summary>
    public PanelLayout Layout => new(Direct.Lanes, Direct.Filters, Direct.Channels);

    /// <summary>The pixels of a tile: matrices of weights.</summary>
    public int Positions => (Outputs + Taps - 1) * (Outputs + Taps - 1);

    /// <summary>The first byte of the first position's panels.</summary>
    public long PanelsStart => PanelFormat.HeaderBytes + (long)Layout.Panels * 2 * Direct.Lanes * sizeof(float);

    public override long Bytes(IReadOnlyList<Tensor?> operands) => Math.Max(Direct.Bytes(operands), PanelsStart + Positions * Layout.Floats * sizeof(float));

    /// <summary>Whether packed weights are transformed, rather than what the direct rows take.</summary>
    public static unsafe bool IsTransformed(PackedWeights packed) => ((int*)packed.Address)[1] != 0;

    public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
    {
        using LentBytes lent = operands[0]!.Lend();
        ReadOnlySpan<float> weights = lent.Floats;
        if (!WinogradTransform.CanTransform(weights))
        {
            Direct.Pack(operands, destination);
            return;
        }
        destination[..(int)PanelsStart].Clear();
        MemoryMarshal.Write(destination, 1);
        MemoryMarshal.Write(destination[sizeof(int)..], 1);
        if (Direct.Bias >= 0)
            operands[1]!.Data.Span.CopyTo(destination[PanelFormat.HeaderBytes..]);

        PanelLayout layout = Layout;
        Span<float> panels = MemoryMarshal.Cast<byte, float>(destination[(int)PanelsStart..]);
        Span<double> filters = stackalloc double[Taps * Taps * layout.Width(0)], half = stackalloc double[filters.Length / Taps * (Outputs + Taps - 1)];
        for (int panel = 0; panel < layout.Panels; panel++)
        {
            int first = panel * layout.Width(0), width = layout.Width(panel);
            filters.Clear();
            for (int position = 0; position < Positions; position++)
                panels.Slice((int)(position * layout.Floats + layout.Start(panel)), width).Clear();
            for (int channel = 0; channel < Direct.Channels; channel++)
            {
                for (int f = 0; f < layout.Channels(panel); f++)
                {
                    ReadOnlySpan<float> taps = weights.Slice((int)((first + f) * Direct.FilterStride + channel * Direct.ChannelStride), Taps * Taps);
                    for (int tap = 0; tap < Taps * Taps; tap++)
                        filters[tap * width + f] = taps[tap];
                }
                PackChannel(filters, half, width, panels[(int)(layout.Start(panel) + (channel + 1) * width)..], (int)layout.Floats);
            }
        }
    }

    /// <summary>Transforms one channel of the filters of a panel.</summary>
    /// <param name="filters">Taps by filters.</param>
    /// <param name="half">Room for the filters transformed along their height.</param>
    /// <param name="width">Filters of the panel, with those that fill it up.</param>
    /// <param name="rows">The channel's row in the panel of the first position.</param>
    /// <param name="step">From there to the next position's.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void PackChannel(ReadOnlySpan<double> filters, Span<double> half, int width, Span<float> rows, int step)
    {
        double[][] transform = WinogradTransform.Filters(Outputs);
        int line = Taps * width;
        for (int i = 0; i < transform.Length; i++)
            Combine(transform[i], filters, line, half.Slice(i * line, line));
        Span<double> sums = stackalloc double[width];
        for (int i = 0; i < transform.Length; i++)
            for (int j = 0; j < transform.Length; j++)
            {
                Combine(transform[j], half[(i * line)..], width, sums);
                Narrow(sums, rows[((i * transform.Length + j) * step)..]);
            }
    }

    /// <summary>sums = factors[0] * x[0 ..] + factors[1] * x[step ..] + factors[2] * x[2 * step ..].</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Combine(double[] factors, ReadOnlySpan<double> x, int step, Span<double> sums)
    {
        (double a, double b, double c) = (factors[0], factors[1], factors[2]);
        int i = 0;
        for (; i <= sums.Length - Vector<double>.Count; i += Vector<double>.Count)
            (a * new Vector<double>(x[i..]) + b * new Vector<double>(x[(i + step)..]) + c * new Vector<double>(x[(i + 2 * step)..])).CopyTo(sums[i..]);
        for (; i < sums.Length; i++)
            sums[i] = a * x[i] + b * x[i + step] + c * x[i + 2 * step];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Narrow(ReadOnlySpan<double> from, Span<float> to)
    {
        int i = 0;
        for (; i <= from.Length - Vector<float>.Count; i += Vector<float>.Count)
            Vector.Narrow(new Vector<double>(from[i..]), new Vector<double>(from[(i + Vector<double>.Count)..])).CopyTo(to[i..]);
        for (; i < from.Length; i++)
            to[i] = (float)from[i];
    }
}
