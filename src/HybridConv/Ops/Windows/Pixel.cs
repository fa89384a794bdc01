namespace HybridConv.Ops.Windows;

/// <summary>A pixel of one image of a batch.</summary>
internal readonly record struct Pixel(int N, int D, int H, int W)
{
    /// <summary>The pixel at a position in the order of images, and then of slices, rows and columns.</summary>
    public static Pixel At(long position, int depth, int height, int width)
    {
        (position, long w) = Math.DivRem(position, width);
        (position, long h) = Math.DivRem(position, height);
        (long n, long d) = Math.DivRem(position, depth);
        return new Pixel((int)n, (int)d, (int)h, (int)w);
    }

    /// <summary>The offset of one of its channels, in elements.</summary>
    /// <param name="strides">In <see cref="ImageView"/>'s axes.</param>
    /// <param name="channel">Which.</param>
    public long In(ReadOnlySpan<long> strides, long channel) => N * strides[ImageView.Batch] + channel * strides[ImageView.Channel]
        + D * strides[ImageView.Depth] + H * strides[ImageView.Height] + W * strides[ImageView.Width];
}
