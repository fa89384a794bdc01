using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Gemm;

/// <summary>
/// Where the panels of one matrix of weights lie: <paramref name="Width"/> filters each, a row of biases, then a row of weights for each position of the
/// reduction, filled up with zeros to whole stages and whole panels.
/// <code>[K / Width] [bias | position 0 | ... | position D-1 | 0 ...] [Width]</code>
/// </summary>
/// <param name="Width">Filters of a panel.</param>
/// <param name="Stage">Positions that a kernel takes at a time.</param>
/// <param name="Filters">Columns of the matrix.</param>
/// <param name="Depth">Positions of the reduction.</param>
internal readonly record struct TileLayout(int Width, int Stage, int Filters, long Depth)
{
    public int Panels => (int)(((long)Filters + Width - 1) / Width);

    public int Stages => checked((int)((Depth + Stage - 1) / Stage));

    /// <summary>Rows of a panel, with that of the biases.</summary>
    public int Rows => checked(1 + Stages * Stage);

    public int PanelFloats => checked(Rows * Width);

    public long Floats => (long)Panels * PanelFloats;
}

/// <summary>
/// Weights for GPUs: the panels of one matrix after those of the other, behind a header of 64 bytes whose first number says whether all weights are finite.
/// There is a matrix for each group, or for each output where several share the filters of one image. The weight of filter f, counted over all matrices, at tap t
/// and channel c is found at <c>f * FilterStride + t * TapStride + c * ChannelStride</c>; positions of the reduction count taps, then channels.
/// </summary>
/// <param name="Width">Filters of a panel.</param>
/// <param name="Stage">Positions that a kernel takes at a time.</param>
/// <param name="Groups">Matrices, of as many filters each as <paramref name="Parts"/> says; more than one only with a single part.</param>
/// <param name="Parts">The filters of each output.</param>
/// <param name="Taps">Filter positions.</param>
/// <param name="Channels">Input channels of one group.</param>
/// <param name="FilterStride">See above.</param>
/// <param name="TapStride">See above.</param>
/// <param name="ChannelStride">See above.</param>
/// <param name="Bias">The node's input that holds biases, one for each filter or one for all; -1 without.</param>
/// <param name="WeightScale">Multiplies every weight, rounded.</param>
/// <param name="BiasScale">Multiplies every bias, rounded.</param>
internal sealed record TileFormat(
    int Width, int Stage, int Groups, Shape Parts, int Taps, int Channels, long FilterStride, long TapStride, long ChannelStride, int Bias,
    float WeightScale = 1, float BiasScale = 1) : PackFormat
{
    public const int HeaderBytes = AlignedMemory.Alignment, Weights = 1;

    /// <summary>Rows of a panel that are written together.</summary>
    private const int BlockChannels = 64;

    public override IReadOnlyList<int> Operands => Bias < 0 ? [Weights] : [Weights, Bias];

    /// <summary>The matrix of one output, or of one group.</summary>
    public TileLayout Layout(int part = 0) => new(Width, Stage, Parts.Dim(part), (long)Taps * Channels);

    /// <summary>The first byte of an output's panels.</summary>
    public long Start(int part)
    {
        long floats = 0;
        for (int i = 0; i < part; i++)
            floats += Layout(i).Floats;
        return HeaderBytes + floats * sizeof(float);
    }

    public override long Bytes(IReadOnlyList<Tensor?> operands) => Start(Parts.Rank - 1) + Groups * Layout(Parts.Rank - 1).Floats * sizeof(float);

    /// <summary>Whether packed weights are all finite.</summary>
    public static bool IsFinite(PackedWeights packed) => MemoryMarshal.Read<int>(packed.Memory.Span) != 0;

    public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
    {
        using LentBytes lent = operands[0]!.Lend();
        ReadOnlySpan<float> weights = lent.Floats;
        ReadOnlySpan<float> bias = Bias < 0 || operands[1] is null ? default : MemoryMarshal.Cast<byte, float>(operands[1]!.Data.Span);
        destination.Clear();
        bool finite = true;
        for (int matrix = 0, firstFilter = 0; matrix < Groups * Parts.Rank; matrix++)
        {
            int part = matrix % Parts.Rank, group = matrix / Parts.Rank;
            TileLayout layout = Layout(part);
            long bytes = layout.Floats * sizeof(float), start = Start(part) + group * bytes;
            Span<float> panels = MemoryMarshal.Cast<byte, float>(destination.Slice(checked((int)start), checked((int)bytes)));
            finite &= PackMatrix(weights[checked((int)(firstFilter * FilterStride))..], bias.Length > 1 ? bias[firstFilter..] : bias, layout, panels);
            firstFilter += layout.Filters;
        }
        MemoryMarshal.Write(destination, finite ? 1 : 0);
    }

    /// <summary>Writes one matrix over zeros; tells whether its weights are finite.</summary>
    private bool PackMatrix(ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, TileLayout layout, Span<float> panels)
    {
        bool finite = true;
        for (int panel = 0; panel < layout.Panels; panel++)
        {
            int first = panel * Width, filters = Math.Min(Width, layout.Filters - first);
            Span<float> rows = panels.Slice(panel * layout.PanelFloats, layout.PanelFloats);
            for (int f = 0; f < filters && !bias.IsEmpty; f++)
                rows[f] = BiasScale * bias[bias.Length == 1 ? 0 : first + f];
            for (int tap = 0; tap < Taps; tap++)
                for (int c = 0; c < Channels; c += BlockChannels)
                    finite &= PackBlock(
                        weights[(int)(first * FilterStride + tap * TapStride + c * ChannelStride)..], rows[((1 + tap * Channels + c) * Width)..],
                        filters, Math.Min(BlockChannels, Channels - c));
        }
        return finite;
    }

    /// <summary>Writes a few rows of a panel, filter after filter, so that the rows stay in the first-level cache; tells whether they are finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool PackBlock(ReadOnlySpan<float> weights, Span<float> rows, int filters, int channels)
    {
        bool finite = true;
        for (int f = 0; f < filters; f++)
            for (int c = 0; c < channels; c++)
            {
                float weight = WeightScale * weights[(int)(f * FilterStride + c * ChannelStride)];
                finite &= float.IsFinite(weight);
                rows[c * Width + f] = weight;
            }
        return finite;
    }
}
