namespace HybridConv.Onnx;

/// <summary>Recognises what people pass by mistake instead of a model, so that the error can say what to do.</summary>
internal static class NotOnnx
{
    private const int Sample = 512;

    /// <exception cref="ModelFormatException">The bytes are certainly not an ONNX model.</exception>
    public static void Recognise(ReadOnlySpan<byte> file, string source)
    {
        if (file.IsEmpty)
            throw new ModelFormatException("is empty", source);
        if (file.StartsWith("version https://git-lfs"u8))
            throw new ModelFormatException("is a Git LFS pointer, not the model itself; run 'git lfs pull' in the repository it came from", source);
        if (file.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b]))
            throw new ModelFormatException("is compressed with gzip; decompress it first", source);
        if (file.StartsWith("PK\x03\x04"u8))
            throw new ModelFormatException("is a zip archive (PyTorch checkpoints are, too); export or extract the .onnx file", source);
        if (IsText(file[..Math.Min(file.Length, Sample)]))
            throw new ModelFormatException("is text, not an ONNX model; a download may have saved a web page instead of the file", source);
    }

    /// <summary>Every ONNX model begins with a field tag or a small version number, which are control characters and not text.</summary>
    private static bool IsText(ReadOnlySpan<byte> start)
    {
        foreach (byte b in start)
            if (b < 0x20 && b is not ((byte)'\t' or (byte)'\n' or (byte)'\r'))
                return false;
        return true;
    }
}
