using System.IO.Compression;
using HybridConv.Tools;
using HybridConv.Zoo;

namespace HybridConv.Cli;

/// <summary>A model as named on the command line: an ONNX file, one compressed with gzip, a folder that holds a <c>model.onnx</c>, or a network of the zoo.</summary>
internal static class ModelSource
{
    public const string Help = "An ONNX file (.onnx or .onnx.gz), or the name of a network of the zoo.";

    public static Model Load(string source)
    {
        if (Directory.Exists(source))
            source = InFolder(source) ?? throw new UsageException($"the folder '{source}' holds no model.onnx");
        if (!File.Exists(source))
            return Networks.Find(source)?.Build(new ZooOptions()) ?? throw new UsageException($"there is no file and no network of the zoo '{source}'");
        if (!source.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            return Model.Load(source);
        using var stream = new GZipStream(File.OpenRead(source), CompressionMode.Decompress);
        return Model.Load(stream);
    }

    /// <summary>The model file of an ONNX test case's folder; null when there is none.</summary>
    public static string? InFolder(string folder) =>
        new[] { "model.onnx", "model.onnx.gz" }.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <summary>How reports call a model: its file's name, or its folder's where the file is just a model.onnx.</summary>
    public static string Name(string source)
    {
        if (!Path.Exists(source))
            return source;
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(source));
        string name = Path.GetFileName(full);
        return name is "model.onnx" or "model.onnx.gz" ? Path.GetFileName(Path.GetDirectoryName(full)!) : name;
    }
}
