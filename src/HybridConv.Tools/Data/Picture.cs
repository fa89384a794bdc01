using StbImageSharp;

namespace HybridConv.Tools.Data;

/// <summary>A decoded picture: interleaved bytes, 0 to 255.</summary>
internal sealed record Picture(int Width, int Height, int Channels, byte[] Pixels)
{
    /// <summary>The largest picture that is decoded: a small file may declare an enormous one.</summary>
    public const long MaxPixels = 1 << 26;

    private const long MaxFileBytes = 1 << 28;

    /// <param name="path">A PNG, JPEG, BMP, GIF, TGA or PSD file.</param>
    /// <param name="channels">3 for RGB, 1 for brightness.</param>
    /// <exception cref="UsageException">It is no picture, or too large.</exception>
    public static Picture Load(string path, int channels)
    {
        using FileStream stream = File.OpenRead(path);
        if (stream.Length > MaxFileBytes)
            throw new UsageException($"'{path}' has {stream.Length} bytes, over the limit of {MaxFileBytes} for a picture");
        using var bytes = new BoundedStream(stream);
        ImageInfo info = Read(path, () => ImageInfo.FromStream(bytes)) ?? throw NoPicture(path, null);
        if (info.Width < 1 || info.Height < 1 || (long)info.Width * info.Height > MaxPixels)
            throw new UsageException($"'{path}' is a picture of {info.Width} x {info.Height} pixels, over the limit of {MaxPixels}");
        bytes.Position = 0;
        ImageResult image = Read(path, () => ImageResult.FromStream(bytes, channels == 1 ? ColorComponents.Grey : ColorComponents.RedGreenBlue));
        return new Picture(image.Width, image.Height, channels, image.Data);
    }

    /// <summary>The decoder reports damaged files by whatever exception they happen to cause.</summary>
    private static T Read<T>(string path, Func<T> decode)
    {
        try
        {
            return decode();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            throw NoPicture(path, e);
        }
    }

    private static UsageException NoPicture(string path, Exception? cause) => new($"'{path}' is not a picture that can be read (PNG, JPEG, BMP, GIF, TGA and PSD are)", cause);

    /// <summary>A whole file in memory. The decoder takes the end of a file for zeros, without end: a damaged picture would keep it busy.</summary>
    private sealed class BoundedStream : MemoryStream
    {
        /// <summary>Reads beyond the end that a decoder may make for a file that lacks its last marker.</summary>
        private const int Grace = 4096;

        private int beyond;

        public BoundedStream(FileStream file) : base((int)file.Length)
        {
            file.CopyTo(this);
            Position = 0;
        }

        public override int ReadByte() => Count(base.ReadByte(), -1);

        public override int Read(byte[] buffer, int offset, int count) => Count(base.Read(buffer, offset, count), 0);

        public override int Read(Span<byte> buffer) => Count(base.Read(buffer), 0);

        private int Count(int result, int atEnd) => result == atEnd && ++beyond > Grace ? throw new EndOfStreamException("the file ends within the picture") : result;
    }
}
