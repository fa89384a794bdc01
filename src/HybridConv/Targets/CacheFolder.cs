using System.Security.Cryptography;

namespace HybridConv.Targets;

/// <summary>
/// Files that spare a machine work it has done before: compiled kernels, measurements, verdicts. Every one of them can be lost, damaged or someone else's
/// at any time: an entry carries its key and the hash of what it holds, one that is not whole is as good as none, and nothing here throws.
/// </summary>
/// <param name="place">The folder; null to keep nothing.</param>
internal sealed class CacheFolder(string? place)
{
    /// <summary>The largest file that is read.</summary>
    public const int MaxBytes = 256 << 20;

    /// <summary>What stands in place of a folder to keep nothing.</summary>
    public const string Off = "off";

    /// <summary>A file is this, its key, the SHA-256 of the content, the content.</summary>
    private static readonly byte[] Magic = "HybridConv-1\0\0\0\0"u8.ToArray();

    private static readonly int Header = Magic.Length + CacheKey.Bytes + SHA256.HashSizeInBytes;

    private readonly Lazy<string?> whyNot = new(() => place is null ? "it is switched off" : WhyNotTrusted(place));

    /// <summary>The one that the options name, else that of the machine's user.</summary>
    public static CacheFolder Of(SessionOptions options) => new(options.CacheFolder is { } named ? named == Off ? null : named : Knobs.CacheFolder);

    /// <summary>The folder, which need not exist yet; null when nothing is kept.</summary>
    public string? Place => place;

    /// <summary>In a few words, why nothing is kept; null when entries are read and, where the folder allows it, written.</summary>
    public string? WhyNot => whyNot.Value;

    /// <summary>What was kept under a key; null when that is nothing, or nothing that can be trusted.</summary>
    /// <param name="kind">A folder of its own for each kind of entry.</param>
    /// <param name="key">Of the entry.</param>
    public byte[]? Read(string kind, CacheKey key)
    {
        if (WhyNot is not null || ReadFile(PathTo(kind, key)) is not { } bytes || bytes.Length < Header)
            return null;
        ReadOnlySpan<byte> content = bytes.AsSpan(Header);
        bool isWhole = bytes.AsSpan(0, Magic.Length).SequenceEqual(Magic)
            && bytes.AsSpan(Magic.Length, CacheKey.Bytes).SequenceEqual(key.ToArray())
            && bytes.AsSpan(Magic.Length + CacheKey.Bytes, SHA256.HashSizeInBytes).SequenceEqual(SHA256.HashData(content));
        return isWhole ? content.ToArray() : null;
    }

    /// <summary>Keeps something under a key. Readers see what was there before or the whole new entry.</summary>
    /// <returns>Whether it was written.</returns>
    public bool Write(string kind, CacheKey key, ReadOnlySpan<byte> content) =>
        WhyNot is null && WriteFile(PathTo(kind, key), [.. Magic, .. key.ToArray(), .. SHA256.HashData(content), .. content]);

    /// <summary>The bytes of a file; null when it is not there, not readable or larger than anything that is written here.</summary>
    public static byte[]? ReadFile(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete);
            if (file.Length > MaxBytes)
                return null;
            var bytes = new byte[file.Length];
            file.ReadExactly(bytes);
            return bytes;
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            return null;
        }
    }

    /// <summary>Writes a file under a name of its own, then gives it its name; makes its folder where there is none, for this user only.</summary>
    /// <returns>Whether it was written.</returns>
    public static bool WriteFile(string path, ReadOnlySpan<byte> bytes)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            CreatePrivate(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
                file.Write(bytes);
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            Remove(temporary);
            return false;
        }
    }

    private string PathTo(string kind, CacheKey key) => Path.Combine(place!, kind, key.Hex);

    /// <summary>What is read from here runs as code: nobody else may be able to put it here.</summary>
    private static string? WhyNotTrusted(string place)
    {
        try
        {
            if (OperatingSystem.IsWindows() || !Directory.Exists(place))
                return null;
            UnixFileMode mode = File.GetUnixFileMode(place);
            if ((mode & (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) != 0)
                return "others than its owner may write to it";
            // Changes nothing, and only the owner may do it.
            File.SetUnixFileMode(place, mode);
            return null;
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            return $"it cannot be used: {e.Message}";
        }
    }

    /// <summary>Makes a folder and those above it that are missing, for this user only.</summary>
    private static void CreatePrivate(string folder)
    {
        if (Directory.Exists(folder))
            return;
        if (Path.GetDirectoryName(folder) is { Length: > 0 } parent)
            CreatePrivate(parent);
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (IsOfFiles(e))
        {
            // Left behind under a name that nothing reads.
        }
    }

    private static bool IsOfFiles(Exception e) => e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException;
}
