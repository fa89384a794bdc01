namespace HybridConv.Targets;

/// <summary>
/// Files that spare a machine work it has done before: compiled kernels, measurements, verdicts. Every one of them can be lost, damaged or someone else's
/// at any time: nothing here throws, and readers check what they read.
/// </summary>
internal static class CacheFolder
{
    /// <summary>The bytes of a file; null when there is none that can be read, or caching is off.</summary>
    /// <param name="name">Letters, digits, dots, dashes and slashes.</param>
    public static byte[]? Read(string name)
    {
        try
        {
            return Knobs.CacheFolder is { } folder && File.Exists(Path.Combine(folder, name)) ? File.ReadAllBytes(Path.Combine(folder, name)) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    /// <summary>Writes a file under a name of its own, then gives it its name: readers see the old file or the whole new one.</summary>
    /// <returns>Whether it was written.</returns>
    public static bool Write(string name, ReadOnlySpan<byte> bytes)
    {
        if (Knobs.CacheFolder is not { } folder)
            return false;
        string path = Path.Combine(folder, name), temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            CreatePrivate(Path.GetDirectoryName(path)!);
            using (var file = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write))
                file.Write(bytes);
            File.Move(temporary, path, overwrite: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            Remove(temporary);
            return false;
        }
    }

    /// <summary>Only this user may look inside: what is read from here is compiled code.</summary>
    private static void CreatePrivate(string folder)
    {
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
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Left behind under a name that nothing reads.
        }
    }
}
