namespace HybridConv;

/// <summary>A rectangle of whole pixels.</summary>
/// <param name="X">The leftmost column.</param>
/// <param name="Y">The topmost row.</param>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
public readonly record struct PixelRectangle(int X, int Y, int Width, int Height)
{
    /// <summary>All of an image.</summary>
    public static PixelRectangle All(int width, int height) => new(0, 0, width, height);

    /// <summary>The largest centred square of an image; where the margin is odd, the smaller half is at the left or top.</summary>
    public static PixelRectangle CentreSquare(int width, int height) => Centre(width, height, Math.Min(width, height), Math.Min(width, height));

    /// <summary>A centred window of the given size; where the margin is odd, the smaller half is at the left or top.</summary>
    /// <exception cref="ShapeException">The window is larger than the image.</exception>
    public static PixelRectangle Centre(int width, int height, int windowWidth, int windowHeight)
    {
        if (windowWidth < 1 || windowHeight < 1 || windowWidth > width || windowHeight > height)
            throw new ShapeException($"a window of {windowWidth} x {windowHeight} pixels does not lie in an image of {width} x {height}");
        return new((width - windowWidth) / 2, (height - windowHeight) / 2, windowWidth, windowHeight);
    }

    /// <summary>Where an image lies when it is made as large as a box allows without changing its proportions, and centred: the picture inside a letterbox.</summary>
    /// <exception cref="ShapeException">The image or the box is empty.</exception>
    public static PixelRectangle Fit(int width, int height, int boxWidth, int boxHeight)
    {
        if (width < 1 || height < 1 || boxWidth < 1 || boxHeight < 1)
            throw new ShapeException($"an image of {width} x {height} pixels cannot be fitted into {boxWidth} x {boxHeight}");
        double scale = Math.Min((double)boxWidth / width, (double)boxHeight / height);
        int fitWidth = Math.Clamp((int)Math.Round(width * scale), 1, boxWidth);
        int fitHeight = Math.Clamp((int)Math.Round(height * scale), 1, boxHeight);
        return Centre(boxWidth, boxHeight, fitWidth, fitHeight);
    }
}

/// <summary>
/// What stands between a picture and a network's input, on the caller's spans. Pictures are interleaved: row by row, a pixel's channels side by side (HWC).
/// Nothing is allocated in the steady state: small working memory comes from the shared array pool.
/// </summary>
public static class Preprocess
{
    /// <summary>
    /// Takes a rectangle out of a picture and resizes it, in bilinear interpolation with antialiasing; see
    /// <see cref="Resize(ReadOnlySpan{float}, int, int, int, PixelRectangle, Span{float}, int, int)"/>.
    /// </summary>
    /// <param name="source">Height x width x channels bytes.</param>
    /// <param name="width">The source's width.</param>
    /// <param name="height">The source's height.</param>
    /// <param name="channels">Channels of both pictures.</param>
    /// <param name="crop">The part of the source to take; pixels outside it have no influence.</param>
    /// <param name="destination">New height x new width x channels floats, in the source's range.</param>
    /// <param name="newWidth">The destination's width.</param>
    /// <param name="newHeight">The destination's height.</param>
    public static void Resize(ReadOnlySpan<byte> source, int width, int height, int channels, PixelRectangle crop, Span<float> destination, int newWidth, int newHeight) =>
        Resampling.Resize(source, width, height, channels, crop, destination, newWidth * channels, newWidth, newHeight);

    /// <summary>
    /// Takes a rectangle out of a picture and resizes it, in bilinear interpolation with antialiasing: the definition of Pillow's and PyTorch's antialiased bilinear filter.
    /// Pixel centres lie at half-integers; each output pixel is the mean of the source pixels under a triangle whose half-width is the reduction factor (at least one source pixel), with weights
    /// that sum to one; so enlarging is plain bilinear interpolation. Rows are filtered first, then columns, each tap in ascending order; weights are computed in double and rounded
    /// to float, every product and sum is rounded to float, so that all machines give the same bits.
    /// </summary>
    /// <param name="source">Height x width x channels floats.</param>
    /// <param name="width">The source's width.</param>
    /// <param name="height">The source's height.</param>
    /// <param name="channels">Channels of both pictures.</param>
    /// <param name="crop">The part of the source to take; pixels outside it have no influence.</param>
    /// <param name="destination">New height x new width x channels floats.</param>
    /// <param name="newWidth">The destination's width.</param>
    /// <param name="newHeight">The destination's height.</param>
    public static void Resize(ReadOnlySpan<float> source, int width, int height, int channels, PixelRectangle crop, Span<float> destination, int newWidth, int newHeight) =>
        Resampling.Resize(source, width, height, channels, crop, destination, newWidth * channels, newWidth, newHeight);

    /// <summary>Resizes a picture into the middle of a box without changing its proportions, and fills the rest of the box.</summary>
    /// <param name="source">Height x width x channels bytes.</param>
    /// <param name="width">The source's width.</param>
    /// <param name="height">The source's height.</param>
    /// <param name="channels">Channels of both pictures.</param>
    /// <param name="destination">Box height x box width x channels floats.</param>
    /// <param name="boxWidth">The destination's width.</param>
    /// <param name="boxHeight">The destination's height.</param>
    /// <param name="fill">The value around the picture, in the source's range.</param>
    /// <returns>Where the picture lies in the box.</returns>
    public static PixelRectangle Letterbox(ReadOnlySpan<byte> source, int width, int height, int channels, Span<float> destination, int boxWidth, int boxHeight, float fill) =>
        Resampling.Letterbox(source, width, height, channels, destination, boxWidth, boxHeight, fill);

    /// <inheritdoc cref="Letterbox(ReadOnlySpan{byte}, int, int, int, Span{float}, int, int, float)"/>
    public static PixelRectangle Letterbox(ReadOnlySpan<float> source, int width, int height, int channels, Span<float> destination, int boxWidth, int boxHeight, float fill) =>
        Resampling.Letterbox(source, width, height, channels, destination, boxWidth, boxHeight, fill);

    /// <summary>Replaces every element x of channel c by <c>(x * scale - mean[c]) / std[c]</c>, each operation rounded to float.</summary>
    /// <param name="pixels">Interleaved pixels.</param>
    /// <param name="scale">For example 1/255.</param>
    /// <param name="mean">One per channel; the length says how many channels there are.</param>
    /// <param name="std">One per channel.</param>
    public static void Normalize(Span<float> pixels, float scale, ReadOnlySpan<float> mean, ReadOnlySpan<float> std)
    {
        if (mean.Length == 0 || mean.Length != std.Length)
            throw new ShapeException($"{mean.Length} means and {std.Length} standard deviations: there is one of each per channel");
        RequirePixels(pixels.Length, mean.Length);
        for (int pixel = 0; pixel < pixels.Length; pixel += mean.Length)
            for (int c = 0; c < mean.Length; c++)
                pixels[pixel + c] = (pixels[pixel + c] * scale - mean[c]) / std[c];
    }

    /// <summary>Exchanges the first and the third channel of every pixel: RGB to BGR and back.</summary>
    /// <param name="pixels">Interleaved pixels.</param>
    /// <param name="channels">Channels of a pixel, at least 3.</param>
    public static void SwapRedBlue<T>(Span<T> pixels, int channels) where T : unmanaged
    {
        if (channels < 3)
            throw new ShapeException($"pixels of {channels} channels have no red and blue to exchange");
        RequirePixels(pixels.Length, channels);
        for (int pixel = 0; pixel < pixels.Length; pixel += channels)
            (pixels[pixel], pixels[pixel + 2]) = (pixels[pixel + 2], pixels[pixel]);
    }

    /// <summary>Converts interleaved bytes to floats of the same values.</summary>
    public static void ToFloat(ReadOnlySpan<byte> source, Span<float> destination)
    {
        RequireEqual(source.Length, destination.Length);
        for (int i = 0; i < source.Length; i++)
            destination[i] = source[i];
    }

    /// <summary>Reorders interleaved pixels (HWC) into one plane per channel (CHW).</summary>
    /// <param name="interleaved">Pixels, channels side by side.</param>
    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="planar">Channel after channel; must not overlap the source.</param>
    public static void ToPlanar<T>(ReadOnlySpan<T> interleaved, int channels, Span<T> planar) where T : unmanaged
    {
        RequireEqual(interleaved.Length, planar.Length);
        int pixels = RequirePixels(interleaved.Length, channels);
        for (int c = 0; c < channels; c++)
        {
            Span<T> plane = planar.Slice(c * pixels, pixels);
            for (int i = 0; i < plane.Length; i++)
                plane[i] = interleaved[i * channels + c];
        }
    }

    /// <summary>Reorders one plane per channel (CHW) into interleaved pixels (HWC).</summary>
    /// <param name="planar">Channel after channel.</param>
    /// <param name="channels">Channels of a pixel.</param>
    /// <param name="interleaved">Pixels, channels side by side; must not overlap the source.</param>
    public static void ToInterleaved<T>(ReadOnlySpan<T> planar, int channels, Span<T> interleaved) where T : unmanaged
    {
        RequireEqual(planar.Length, interleaved.Length);
        int pixels = RequirePixels(planar.Length, channels);
        for (int c = 0; c < channels; c++)
        {
            ReadOnlySpan<T> plane = planar.Slice(c * pixels, pixels);
            for (int i = 0; i < plane.Length; i++)
                interleaved[i * channels + c] = plane[i];
        }
    }

    private static int RequirePixels(int elements, int channels)
    {
        if (channels < 1 || elements % channels != 0)
            throw new ShapeException($"{elements} elements are not whole pixels of {channels} channels");
        return elements / channels;
    }

    private static void RequireEqual(int source, int destination)
    {
        if (source != destination)
            throw new ShapeException($"the source has {source} elements and the destination {destination}");
    }
}
