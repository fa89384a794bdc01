using Xunit;

namespace HybridConv.Testing;

/// <summary>
/// Real models, ONNX test cases and pictures that are not part of the repository: the folder that <c>HYBRIDCONV_DATA</c> names,
/// or <c>../shared/data</c> beside the checkout. A test that needs one skips with a sentence where it is missing.
/// </summary>
public static class SharedData
{
    /// <summary>The folder; null when there is none.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>A file or folder of the data, or a skipped test.</summary>
    public static string Require(params ReadOnlySpan<string> parts)
    {
        Assert.SkipWhen(Folder is null, "There is no shared data: neither HYBRIDCONV_DATA nor ../shared/data names a folder.");
        string path = Path.Combine([Folder, .. parts]);
        Assert.SkipUnless(Path.Exists(path), $"The shared data has no '{string.Join('/', parts)}'.");
        return path;
    }

    /// <summary>The sub-folders of a folder of the data, by name, in ordinal order; empty when it is missing.</summary>
    public static IReadOnlyList<string> Folders(string name)
    {
        string? folder = Folder is null ? null : Path.Combine(Folder, name);
        return Directory.Exists(folder)
            ? [.. Directory.EnumerateDirectories(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)]
            : [];
    }

    private static string? Find()
    {
        string folder = Environment.GetEnvironmentVariable("HYBRIDCONV_DATA") is { Length: > 0 } named
            ? named
            : Path.Combine(Repository.Root, "..", "shared", "data");
        return Directory.Exists(folder) ? Path.GetFullPath(folder) : null;
    }
}
