namespace HybridConv.Ops.Windows;

/// <summary>
/// Walks the taps of one output position that lie inside the image, in (depth, height, width) order. Allocates nothing.
/// <code>for (var tap = new Taps(windows, strides, d, h, w); tap.Next();) sum += x[image + tap.Offset];</code>
/// </summary>
internal ref struct Taps
{
    private readonly Window depth, height, width;
    private readonly long depthStride, heightStride, widthStride;
    private readonly int startD, startH, startW, firstH, firstW, endD, endH, endW;
    private int d, h, w;

    /// <param name="windows">Over depth, height and width.</param>
    /// <param name="strides">Of the image, in <see cref="ImageView"/>'s axes.</param>
    /// <param name="od">The output position.</param>
    /// <param name="oh">The output position.</param>
    /// <param name="ow">The output position.</param>
    public Taps(ReadOnlySpan<Window> windows, ReadOnlySpan<long> strides, int od, int oh, int ow)
    {
        (depth, height, width) = (windows[0], windows[1], windows[2]);
        (depthStride, heightStride, widthStride) = (strides[ImageView.Depth], strides[ImageView.Height], strides[ImageView.Width]);
        (startD, startH, startW) = (depth.Start(od), height.Start(oh), width.Start(ow));
        (firstH, firstW) = (height.FirstTap(oh), width.FirstTap(ow));
        (endD, endH, endW) = (depth.EndTap(od), height.EndTap(oh), width.EndTap(ow));
        (d, h, w) = (depth.FirstTap(od), firstH, firstW - 1);
        if (firstH >= endH || firstW >= endW)
            d = endD;
    }

    /// <summary>The tap's input position.</summary>
    public readonly int InputD => startD + d * depth.Dilation;
    public readonly int InputH => startH + h * height.Dilation;
    public readonly int InputW => startW + w * width.Dilation;

    /// <summary>The offset of the tap's input position from the image's first pixel, in elements.</summary>
    public readonly int Offset => (int)(InputD * depthStride + InputH * heightStride + InputW * widthStride);

    public bool Next()
    {
        if (d >= endD)
            return false;
        if (++w < endW)
            return true;
        w = firstW;
        if (++h < endH)
            return true;
        h = firstH;
        return ++d < endD;
    }
}
