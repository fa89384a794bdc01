namespace HybridConv.Cpu.Gemm;

/// <summary>A contiguous piece of a reduction: where it lies as seen from each pixel, and in a panel as seen from its first weight. In bytes.</summary>
internal readonly record struct Segment(nint Pixel, nint Weights);

/// <summary>
/// The product that tiles compute: for evenly spaced pixels and the channels of one panel, bias + sum over segments, over depth. What is common to all tiles of a
/// strip of pixels.
/// </summary>
internal unsafe struct Strip
{
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
}
