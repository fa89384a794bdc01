using HybridConv.Graphs;
using HybridConv.Onnx;
using HybridConv.Tools;
using HybridConv.Tools.Data;

namespace HybridConv.Cli.Data;

/// <summary>Reads a tensor from a file of any known kind, told by its ending.</summary>
internal static class TensorFile
{
    /// <param name="path">Ends with <c>.npy</c>, <c>.pb</c> (a TensorProto) or <c>.bin</c> (float32, little-endian, nothing else).</param>
    /// <param name="declared">What the tensor is for: gives the shape of a <c>.bin</c>, at most one axis of which may be open.</param>
    public static HostTensor Read(string path, TensorInfo declared) => Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".npy" => NpyFile.Read(path),
        ".pb" => ReadProto(path),
        ".bin" => ReadFloats(path, declared),
        var ending => throw new UsageException($"'{path}' ends with '{ending}'; .npy, .pb and .bin files are read"),
    };

    /// <summary>Reads a file that holds one TensorProto.</summary>
    /// <exception cref="ModelFormatException">The file holds something else.</exception>
    public static HostTensor ReadProto(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        string where = Path.GetFileName(path);
        using var bytes = ModelBytes.Of(file);
        FoundTensor found = OnnxReader.ReadTensor(bytes, where, new ModelOptions());
        return found.Tensor is { } tensor
            ? new HostTensor(found.Name, tensor.Type, tensor.Shape.Dims.ToArray(), tensor.Data)
            : throw new UnsupportedModelException(found.Why);
    }

    private static HostTensor ReadFloats(string path, TensorInfo declared)
    {
        byte[] file = File.ReadAllBytes(path);
        if (declared.Type != ElementType.Float32)
            throw new UsageException($"'{declared.Name}' takes {declared.Type.Label()}, and a .bin file holds float32; use .npy or .pb");
        if (declared.Dimensions is not { } dimensions)
            throw new UsageException($"'{declared.Name}' declares no shape; use .npy or .pb, which hold one");
        long known = dimensions.Where(dim => !dim.IsOpen).Aggregate(1L, (product, dim) => product * dim.Size), floats = file.Length / sizeof(float);
        int open = dimensions.Count(dim => dim.IsOpen);
        // One open axis is what the data leaves for it. Of two, the first is the batch and taken as 1.
        long[] shape = [.. dimensions.Select((dim, axis) => !dim.IsOpen ? dim.Size : open == 2 && axis == 0 ? 1 : known == 0 ? 0 : floats / known)];
        return file.Length % sizeof(float) == 0 && open <= 2 && shape.Aggregate(1L, (product, dim) => product * dim) == floats
            ? new HostTensor("", ElementType.Float32, shape, file)
            : throw new UsageException($"'{path}' holds {file.Length} bytes, which do not fill {declared}");
    }
}
