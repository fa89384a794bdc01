using System.Buffers;
using System.Numerics;

namespace HybridConv;

/// <summary>Separable resizing of interleaved pictures with a triangle filter; the definition is at <see cref="Preprocess"/>.</summary>
internal static class Resampling
{
    /// <param name="source">Height x width x channels elements.</param>
    /// <param name="width">The source's width.</param>
    /// <param name="height">The source's height.</param>
    /// <param name="channels">Channels of both pictures.</param>
    /// <param name="crop">The part of the source to take.</param>
    /// <param name="destination">Begins with the destination's first pixel.</param>
    /// <param name="rowStride">Floats between the destination's rows.</param>
    /// <param name="newWidth">The destination's width.</param>
    /// <param name="newHeight">The destination's height.</param>
    public static void Resize<T>(
        ReadOnlySpan<T> source, int width, int height, int channels, PixelRectangle crop, Span<float> destination, int rowStride, int newWidth, int newHeight)
        where T : unmanaged, INumberBase<T>
    {
        RequireSizes(source.Length, width, height, channels, destination.Length, rowStride, newWidth, newHeight);
        if (crop.X < 0 || crop.Y < 0 || crop.Width < 1 || crop.Height < 1 || crop.Width > width - crop.X || crop.Height > height - crop.Y)
            throw new ShapeException($"the rectangle {crop} does not lie in a picture of {width} x {height} pixels");

        using var columns = new TriangleFilter(crop.Width, newWidth);
        using var rows = new TriangleFilter(crop.Height, newHeight);
        float[] filtered = ArrayPool<float>.Shared.Rent(newWidth * channels);
        for (int row = 0; row < newHeight; row++)
            destination.Slice(row * rowStride, newWidth * channels).Clear();

        // Each source row is filtered once, then added to every output row whose window it lies in. Windows begin and end in ascending order.
        int first = 0;
        for (int y = 0; y < crop.Height; y++)
        {
            ReadOnlySpan<T> line = source.Slice(((crop.Y + y) * width + crop.X) * channels, crop.Width * channels);
            Span<float> narrow = filtered.AsSpan(0, newWidth * channels);
            FilterRow(line, channels, columns, narrow);
            while (first < newHeight && rows.End(first) <= y)
                first++;
            for (int row = first; row < newHeight && rows.Start(row) <= y; row++)
                AddScaled(narrow, rows.Weights(row)[y - rows.Start(row)], destination.Slice(row * rowStride, newWidth * channels));
        }
        ArrayPool<float>.Shared.Return(filtered);
    }

    public static PixelRectangle Letterbox<T>(
        ReadOnlySpan<T> source, int width, int height, int channels, Span<float> destination, int boxWidth, int boxHeight, float fill)
        where T : unmanaged, INumberBase<T>
    {
        RequireSizes(source.Length, width, height, channels, destination.Length, boxWidth * channels, boxWidth, boxHeight);
        PixelRectangle place = PixelRectangle.Fit(width, height, boxWidth, boxHeight);
        destination[..(boxWidth * boxHeight * channels)].Fill(fill);
        Resize(source, width, height, channels, PixelRectangle.All(width, height),
            destination[((place.Y * boxWidth + place.X) * channels)..], boxWidth * channels, place.Width, place.Height);
        return place;
    }

    private static void FilterRow<T>(ReadOnlySpan<T> line, int channels, in TriangleFilter filter, Span<float> output) where T : unmanaged, INumberBase<T>
    {
        int next = 0;
        for (int x = 0; next < output.Length; x++)
        {
            ReadOnlySpan<float> weights = filter.Weights(x);
            ReadOnlySpan<T> window = line.Slice(filter.Start(x) * channels, weights.Length * channels);
            for (int c = 0; c < channels; c++)
            {
                float sum = 0;
                for (int tap = 0, i = c; tap < weights.Length; tap++, i += channels)
                    sum += weights[tap] * float.CreateTruncating(window[i]);
                output[next++] = sum;
            }
        }
    }

    /// <summary>sum += weight * x, both operations rounded; vectors and the scalar tail give the same bits.</summary>
    private static void AddScaled(ReadOnlySpan<float> x, float weight, Span<float> sum)
    {
        int i = 0;
        var weights = new Vector<float>(weight);
        for (; i <= x.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(sum[i..]) + weights * new Vector<float>(x[i..])).CopyTo(sum[i..]);
        for (; i < x.Length; i++)
            sum[i] += weight * x[i];
    }

    private static void RequireSizes(int source, int width, int height, int channels, int destination, int rowStride, int newWidth, int newHeight)
    {
        if (width < 1 || height < 1 || channels < 1 || newWidth < 1 || newHeight < 1)
            throw new ShapeException($"pictures of {width} x {height} and {newWidth} x {newHeight} pixels with {channels} channels: every size is at least 1");
        if ((long)width * height * channels > source)
            throw new ShapeException($"{source} elements are too few for {width} x {height} pixels of {channels} channels");
        if ((long)newWidth * channels > destination || (long)(newHeight - 1) * rowStride + (long)newWidth * channels > destination)
            throw new ShapeException($"{destination} elements are too few for {newWidth} x {newHeight} pixels of {channels} channels");
    }

    /// <summary>For every output position the source positions under its triangle, and their weights, which sum to one.</summary>
    private readonly struct TriangleFilter : IDisposable
    {
        private readonly int[] starts;
        private readonly int[] lengths;
        private readonly float[] weights;
        private readonly int taps;

        public TriangleFilter(int size, int newSize)
        {
            double scale = (double)size / newSize;
            double radius = Math.Max(1, scale);
            taps = Math.Min(size, (int)Math.Ceiling(radius) * 2 + 1);
            if ((long)taps * newSize > Array.MaxLength)
                throw new ResourceLimitException($"resizing {size} pixels to {newSize} needs more weights than one block holds");
            starts = ArrayPool<int>.Shared.Rent(newSize);
            lengths = ArrayPool<int>.Shared.Rent(newSize);
            weights = ArrayPool<float>.Shared.Rent(taps * newSize);
            for (int i = 0; i < newSize; i++)
            {
                double centre = (i + 0.5) * scale;
                int start = Math.Max(0, (int)(centre - radius + 0.5)), end = Math.Min(size, (int)(centre + radius + 0.5));
                (starts[i], lengths[i]) = (start, end - start);
                double sum = 0;
                for (int tap = start; tap < end; tap++)
                    sum += Triangle((tap - centre + 0.5) / radius);
                for (int tap = start; tap < end; tap++)
                    weights[i * taps + tap - start] = (float)(Triangle((tap - centre + 0.5) / radius) / sum);
            }
        }

        public int Start(int i) => starts[i];
        public int End(int i) => starts[i] + lengths[i];
        public ReadOnlySpan<float> Weights(int i) => weights.AsSpan(i * taps, lengths[i]);

        public void Dispose()
        {
            ArrayPool<int>.Shared.Return(starts);
            ArrayPool<int>.Shared.Return(lengths);
            ArrayPool<float>.Shared.Return(weights);
        }

        private static double Triangle(double x) => Math.Max(0, 1 - Math.Abs(x));
    }
}
