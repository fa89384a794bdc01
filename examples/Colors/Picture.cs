using HybridConv;
using StbImageSharp;
using StbImageWriteSharp;
using WrittenComponents = StbImageWriteSharp.ColorComponents;

namespace Colors;

/// <summary>A picture in memory: row by row, a pixel's channels side by side (RGB, or one brightness), 0 to 255.</summary>
internal sealed record Picture(int Width, int Height, int Channels, byte[] Pixels)
{
    /// <summary>The largest picture that is decoded: a small file may declare an enormous one, and a layer holds every pixel as floats, before and after.</summary>
    public const long MaxPixels = 1 << 26;

    /// <summary>Reads a file as RGB, in the orientation in which its pixels are stored.</summary>
    /// <exception cref="InvalidDataException">It is no picture, or too large.</exception>
    public static Picture Load(string path)
    {
        using FileStream stream = File.OpenRead(path);
        try
        {
            ImageInfo info = ImageInfo.FromStream(stream) ?? throw new InvalidDataException($"'{path}' is not a picture that can be read");
            if ((long)info.Width * info.Height > MaxPixels)
                throw new InvalidDataException($"'{path}' has {info.Width} x {info.Height} pixels, over the limit of {MaxPixels}");
            stream.Position = 0;
            ImageResult image = ImageResult.FromStream(stream, StbImageSharp.ColorComponents.RedGreenBlue);
            return new Picture(image.Width, image.Height, 3, image.Data);
        }
        // The decoder reports damaged files by whatever exception they happen to cause.
        catch (Exception e) when (e is not (OutOfMemoryException or InvalidDataException))
        {
            throw new InvalidDataException($"'{path}' is damaged", e);
        }
    }

    /// <summary>Rounds floats of the range 0 to 255 to a picture; what lies outside is clipped.</summary>
    public static Picture OfFloats(int width, int height, ReadOnlySpan<float> pixels)
    {
        var bytes = new byte[pixels.Length];
        Round(pixels, bytes);
        return new Picture(width, height, pixels.Length / (width * height), bytes);
    }

    /// <summary>Rounds to the nearest bytes.</summary>
    public static void Round(ReadOnlySpan<float> values, Span<byte> bytes)
    {
        for (int i = 0; i < values.Length; i++)
            bytes[i] = (byte)Math.Clamp(MathF.Round(values[i]), byte.MinValue, byte.MaxValue);
    }

    /// <summary>What the engine reads: pixels x channels floats, 0 to 255, of all pixels.</summary>
    public float[] ToFloats() => ToFloats(0, Width * Height);

    /// <summary>The same of some pixels in a row.</summary>
    public float[] ToFloats(int from, int count)
    {
        var floats = new float[count * Channels];
        Preprocess.ToFloat(Pixels.AsSpan(from * Channels, count * Channels), floats);
        return floats;
    }

    /// <summary>Writes a PNG.</summary>
    public void Save(string path)
    {
        using FileStream stream = File.Create(path);
        new ImageWriter().WritePng(Pixels, Width, Height, Channels == 1 ? WrittenComponents.Grey : WrittenComponents.RedGreenBlue, stream);
    }
}
