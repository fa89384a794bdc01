using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using HybridConv.Cpu.Moves;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Cpu.Gemm;

/// <summary>
/// Where the panels of one group lie. A panel holds the weights of two vectors of output channels, and the last panel of one if that is enough; a row of biases,
/// then a row of weights for each position of the reduction. Channels that fill up the last panel are zeros.
/// <code>
///              2 vectors            2 vectors        1 or 2 vectors
///           [ bias          ]    [ bias          ]    [ bias  0 0 ]
///           [ position 0    ]    [ position 0    ]    [ p. 0  0 0 ]
///           [ ...           ]    [ ...           ]    [ ...   0 0 ]
///           [ position D-1  ]    [ position D-1  ]    [ p.D-1 0 0 ]
/// </code>
/// </summary>
/// <param name="Lanes">Floats in a vector.</param>
/// <param name="Filters">Output channels of one group.</param>
/// <param name="Depth">Positions of the reduction.</param>
internal readonly record struct PanelLayout(int Lanes, int Filters, long Depth)
{
    private int WideChannels => 2 * Lanes;

    public int Panels => (int)(((long)Filters + WideChannels - 1) / WideChannels);

    /// <summary>Output channels in a panel, without those that fill it up.</summary>
    public int Channels(int panel) => Math.Min(WideChannels, Filters - panel * WideChannels);

    /// <summary>Whether a panel's rows are two vectors.</summary>
    public bool IsWide(int panel) => Channels(panel) > Lanes;

    /// <summary>Floats in one row of a panel.</summary>
    public int Width(int panel) => IsWide(panel) ? WideChannels : Lanes;

    /// <summary>The first float of a panel, counted from its group's first.</summary>
    public long Start(int panel) => panel * (Depth + 1) * WideChannels;

    /// <summary>The floats of one group.</summary>
    public long Floats => Panels == 0 ? 0 : Start(Panels - 1) + (Depth + 1) * Width(Panels - 1);

    /// <summary>The share of the multiply-adds that are not spent on filling up panels.</summary>
    public double Efficiency => Filters == 0 ? 1 : Filters / ((Panels - 1.0) * WideChannels + Width(Panels - 1));
}

/// <summary>
/// Weights as panels, group after group, behind a header of 64 bytes whose first number says whether all weights are finite.
/// The weight of filter f, tap t and channel c of group g is found at
/// <c>g * GroupStride + f * FilterStride + t * TapStride + c * ChannelStride</c>; positions of the reduction count taps, then channels.
/// </summary>
/// <param name="Lanes">Floats in a vector.</param>
/// <param name="Groups">Groups of filters.</param>
/// <param name="Filters">Output channels of one group.</param>
/// <param name="Taps">Filter positions.</param>
/// <param name="Channels">Input channels of one group.</param>
/// <param name="FilterStride">See above.</param>
/// <param name="TapStride">See above.</param>
/// <param name="ChannelStride">See above.</param>
/// <param name="Bias">The node's input that holds biases, one for each filter or one for all; -1 without.</param>
/// <param name="WeightScale">Multiplies every weight, rounded.</param>
/// <param name="BiasScale">Multiplies every bias, rounded.</param>
/// <param name="SpacedGroups">The stride between groups; null where the filters of all groups are evenly spaced.</param>
internal sealed record PanelFormat(
    int Lanes, int Groups, int Filters, int Taps, int Channels, long FilterStride, long TapStride, long ChannelStride, int Bias,
    float WeightScale = 1, float BiasScale = 1, long? SpacedGroups = null) : PackFormat
{
    public const int HeaderBytes = AlignedMemory.Alignment, Weights = 1;

    /// <summary>Rows of a panel that are written together.</summary>
    private const int BlockChannels = 64;

    public PanelLayout Layout => new(Lanes, Filters, (long)Taps * Channels);

    private long GroupStride => SpacedGroups ?? Filters * FilterStride;

    public override IReadOnlyList<int> Operands => Bias < 0 ? [Weights] : [Weights, Bias];

    public override long Bytes(IReadOnlyList<Tensor?> operands) => HeaderBytes + Groups * Layout.Floats * sizeof(float);

    public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
    {
        using LentBytes lent = operands[0]!.Lend();
        ReadOnlySpan<float> weights = lent.Floats;
        ReadOnlySpan<float> bias = Bias < 0 ? default : MemoryMarshal.Cast<byte, float>(operands[1]!.Data.Span);
        destination[..HeaderBytes].Clear();
        Span<float> groups = MemoryMarshal.Cast<byte, float>(destination[HeaderBytes..]);
        PanelLayout layout = Layout;
        bool finite = true;
        for (int group = 0; group < Groups; group++)
            for (int panel = 0; panel < layout.Panels; panel++)
            {
                int first = panel * 2 * Lanes, channels = layout.Channels(panel), width = layout.Width(panel);
                Span<float> rows = groups.Slice((int)(group * layout.Floats + layout.Start(panel)), (int)((layout.Depth + 1) * width));
                // What fills the panel up is zeros; everything else is written.
                (channels < width ? rows : rows[..width]).Clear();
                for (int f = 0; f < channels && !bias.IsEmpty; f++)
                    rows[f] = BiasScale * bias[bias.Length == 1 ? 0 : group * Filters + first + f];
                for (int tap = 0; tap < Taps; tap++)
                    for (int start = 0; start < Channels; start += BlockChannels)
                        finite &= PackBlock(weights, group * GroupStride + first * FilterStride + tap * TapStride + start * ChannelStride,
                            rows[((1 + tap * Channels + start) * width)..], channels, Math.Min(BlockChannels, Channels - start), width);
            }
        MemoryMarshal.Write(destination, finite ? 1 : 0);
    }

    /// <summary>Whether packed weights are all finite.</summary>
    public static unsafe bool IsFinite(PackedWeights packed) => *(int*)packed.Address != 0;

    /// <summary>Writes a few rows of a panel, filter after filter, so that the rows stay in the first-level cache; tells whether their weights are finite.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool PackBlock(ReadOnlySpan<float> weights, long origin, Span<float> rows, int filters, int channels, int width)
    {
        if (ChannelStride == 1 && WeightScale == 1)
            return PackRows(weights[(int)origin..], rows, filters, channels, width);
        bool finite = true;
        for (int f = 0; f < filters; f++)
        {
            long from = origin + f * FilterStride;
            for (int c = 0; c < channels; c++, from += ChannelStride)
            {
                float weight = WeightScale * weights[(int)from];
                finite &= float.IsFinite(weight);
                rows[c * width + f] = weight;
            }
        }
        return finite;
    }

    /// <summary>The same for filters whose channels follow one another: a transposition.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private unsafe bool PackRows(ReadOnlySpan<float> weights, Span<float> rows, int filters, int channels, int width)
    {
        bool finite = true;
        for (int f = 0; f < filters; f++)
            finite &= IsFinite(weights.Slice(f * (int)FilterStride, channels));
        _ = rows[(channels - 1) * width + filters - 1];
        fixed (float* from = weights, to = rows)
            Transpose4.Run(from, FilterStride, to, width, channels, filters, Vector128<float>.Count);
        return finite;
    }

    private static bool IsFinite(ReadOnlySpan<float> numbers)
    {
        // Times zero, infinities and NaN are NaN, and all else is zero.
        var sum = Vector<float>.Zero;
        int i = 0;
        for (; i <= numbers.Length - Vector<float>.Count; i += Vector<float>.Count)
            sum += new Vector<float>(numbers[i..]) * 0;
        bool finite = Vector.EqualsAll(sum, Vector<float>.Zero);
        for (; i < numbers.Length; i++)
            finite &= float.IsFinite(numbers[i]);
        return finite;
    }
}
