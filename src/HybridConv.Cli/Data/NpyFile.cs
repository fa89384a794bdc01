using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using HybridConv.Graphs;
using HybridConv.Tools;
using HybridConv.Tools.Data;

namespace HybridConv.Cli.Data;

/// <summary>
/// NumPy's file format: a magic number, a version, the header's length, a header that is a Python dictionary in ASCII, then the elements.
/// Little-endian files in C order are read; version 1.0 is written.
/// </summary>
internal static partial class NpyFile
{
    private const int Alignment = 64;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    private static readonly (string Descriptor, ElementType Type)[] Descriptors =
    [
        ("<f4", ElementType.Float32), ("<f8", ElementType.Float64), ("<f2", ElementType.Float16), ("<i8", ElementType.Int64), ("<u8", ElementType.UInt64), ("<i4", ElementType.Int32),
        ("<u4", ElementType.UInt32), ("<i2", ElementType.Int16), ("<u2", ElementType.UInt16), ("|i1", ElementType.Int8), ("|u1", ElementType.UInt8), ("|b1", ElementType.Bool),
    ];

    public static HostTensor Read(string path) => Read(File.ReadAllBytes(path), path);

    /// <param name="file">The file's bytes.</param>
    /// <param name="path">How errors call it.</param>
    public static HostTensor Read(ReadOnlyMemory<byte> file, string path)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        if (bytes.Length < 10 || !bytes.StartsWith(Magic))
            throw new UsageException($"'{path}' is not a .npy file");
        int lengthBytes = bytes[6] == 1 ? 2 : 4;
        if (bytes[6] is 0 or > 3 || bytes.Length < 8 + lengthBytes)
            throw new UsageException($"'{path}' is a .npy file of version {bytes[6]}; 1 to 3 are read");
        uint headerLength = lengthBytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]);
        if (headerLength > bytes.Length - 8 - lengthBytes)
            throw new UsageException($"'{path}' is cut off");
        int start = 8 + lengthBytes + (int)headerLength;
        Match header = Header().Match(Encoding.Latin1.GetString(bytes[(8 + lengthBytes)..start]));
        if (!header.Success)
            throw new UsageException($"'{path}' holds something else than one array of numbers");
        if (header.Groups["fortran"].Value == "True")
            throw new UsageException($"'{path}' is in Fortran order; save numpy.ascontiguousarray of it");
        ElementType type = Array.Find(Descriptors, pair => pair.Descriptor == header.Groups["descr"].Value).Type;
        if (type == ElementType.None)
            throw new UsageException($"'{path}' holds elements of '{header.Groups["descr"].Value}'; {string.Join(' ', Descriptors.Select(pair => pair.Descriptor))} are read");
        long[] shape = ShapeOf(header.Groups["shape"].Value, path);
        if (new Shape(shape).Elements * type.Size() != bytes.Length - start)
            throw new UsageException($"'{path}' declares {type.Label()}[{string.Join(',', shape)}] and holds {bytes.Length - start} bytes");
        return new HostTensor("", type, shape, file[start..]);
    }

    public static void Write(string path, HostTensor tensor)
    {
        string descriptor = Array.Find(Descriptors, pair => pair.Type == tensor.Type).Descriptor ?? throw new UsageException($"{tensor.Type.Label()} has no .npy form");
        string shape = string.Concat(tensor.Shape.Select(dim => string.Create(CultureInfo.InvariantCulture, $"{dim}, "))).TrimEnd();
        string header = $"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': ({(tensor.Shape.Length > 1 ? shape.TrimEnd(',') : shape)}), }}";
        int length = Magic.Length + 4 + header.Length + 1;
        header = header.PadRight(header.Length + (Alignment - length % Alignment) % Alignment) + "\n";

        using FileStream stream = File.Create(path);
        stream.Write(Magic);
        stream.Write([1, 0, (byte)header.Length, (byte)(header.Length >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(header));
        stream.Write(tensor.Bytes.Span);
    }

    private static long[] ShapeOf(string tuple, string path)
    {
        string[] parts = tuple.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return Array.ConvertAll(parts, part => long.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out long dim)
            ? dim
            : throw new UsageException($"'{path}' declares the shape ({tuple})"));
    }

    // NumPy writes the three keys in this order; other writers may not, hence the look-aheads.
    [GeneratedRegex(@"^(?=.*'descr': *'(?<descr>[^']*)')(?=.*'fortran_order': *(?<fortran>True|False))(?=.*'shape': *\((?<shape>[^)]*)\))", RegexOptions.Singleline)]
    private static partial Regex Header();
}
