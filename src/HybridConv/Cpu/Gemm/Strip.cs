using System.Runtime.CompilerServices;

namespace HybridConv.Cpu.Gemm;

/// <summary>A contiguous piece of a reduction: where it lies as seen from each pixel, and in a panel as seen from its first weight. In bytes.</summary>
internal readonly record struct Segment(nint Pixel, nint Weights);

/// <summary>
/// The product that tiles compute: for evenly spaced pixels and the channels of one panel, bias + sum over segments, over depth. What is common to all tiles of a
/// strip of pixels.
/// </summary>
internal unsafe struct Strip
{
    /// <summary>
    /// Bytes per position from which on fetching ahead pays: below, the first tile that waits for its panel is one of many, and the requests are in the way of others.
    /// </summary>
    private const nint LeastAheadStep = 4;

    /// <summary>Bytes between two pixels of the input.</summary>
    public nint PixelBytes;

    /// <summary>The pieces of the reduction, in its order.</summary>
    public Segment* Segments;
    public nint SegmentCount;

    /// <summary>The floats of each segment: the length of the innermost loop.</summary>
    public nint Depth;

    /// <summary>The panel: one row of biases, then one row of weights for each position of the reduction. See <see cref="PanelLayout"/>.</summary>
    public float* Panel;

    /// <summary>Whether the panel's rows are two vectors rather than one.</summary>
    public bool Wide;

    /// <summary>Floats between two pixels of the output.</summary>
    public nint OutputStride;

    /// <summary>What the cache is asked for while tiles are computed, and the bytes it moves on with each position of each tile. Null for nothing.</summary>
    public byte* Ahead;
    public nint AheadStep;

    /// <summary>
    /// Has the cache fetch memory that is read next, evenly over <paramref name="tiles"/> tiles: so it arrives at the pace of the multiply-adds, and not while they
    /// wait for it.
    /// </summary>
    /// <param name="next">Where it begins.</param>
    /// <param name="bytes">Its size.</param>
    /// <param name="tiles">How many tiles of this strip's depth are computed before.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void FetchAhead(float* next, nint bytes, nint tiles)
    {
        nint positions = Math.Max(1, tiles * SegmentCount * Depth);
        Ahead = bytes < positions * LeastAheadStep ? null : (byte*)next;
        AheadStep = (bytes + positions - 1) / positions;
    }

    /// <summary>The same strip after some of its tiles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly Strip Skip(nint tiles)
    {
        Strip strip = this;
        if (Ahead is not null)
            strip.Ahead += tiles * SegmentCount * Depth * AheadStep;
        return strip;
    }
}
