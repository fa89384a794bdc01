using System.Globalization;
using HybridConv.Onnx.Proto;

namespace HybridConv.Onnx;

/// <summary>
/// The files beside a model that hold data of its tensors. They are named by the model, which may be hostile: only plain relative paths
/// that stay inside the model's folder, without symbolic links, are opened, and only after their size has been checked.
/// </summary>
internal sealed class ExternalData(string? folder) : IDisposable
{
    private readonly Dictionary<string, ModelBytes> files = [];
    private readonly string? folder = folder is null ? null : Path.GetFullPath(folder);

    /// <summary>For a model that was not loaded from a file: it has no folder, and every external tensor is refused.</summary>
    public static ExternalData None() => new(null);

    /// <summary>The file and offset at which a tensor of <paramref name="size"/> bytes is stored, according to the entries of the model.</summary>
    public (ModelBytes Source, long Offset) Locate(IReadOnlyList<StringStringEntryProto> entries, long size, string where)
    {
        string? location = null;
        long? offset = null, length = null;
        var keys = new HashSet<string>();
        foreach (StringStringEntryProto entry in entries)
        {
            if (!keys.Add(entry.Key))
                throw Refused($"the external data entry '{entry.Key}' is given twice", where);
            switch (entry.Key)
            {
                case "location":
                    location = entry.Value;
                    break;
                case "offset":
                    offset = Count(entry, where);
                    break;
                case "length":
                    length = Count(entry, where);
                    break;
                case "checksum":
                    break;
                default:
                    throw Refused($"the external data entry '{entry.Key}' is not known", where);
            }
        }
        if (length is not null && length != size)
            throw Refused($"takes {size} bytes, and its external data has {length}", where);
        if (string.IsNullOrEmpty(location))
            throw Refused("the external data has no location", where);
        return (Open(location, offset ?? 0, size, where), offset ?? 0);
    }

    private ModelBytes Open(string location, long offset, long size, string where)
    {
        string path = Resolve(location, where);
        if (!files.TryGetValue(path, out ModelBytes? file))
        {
            var info = new FileInfo(path);
            if (!info.Exists)
                throw Refused($"the external data file '{location}' is not in the model's folder", where);
            Check(location, info.Length, offset, size, where);
            files[path] = file = info.Length == 0 ? ModelBytes.Of(default) : ModelBytes.Map(info.Open(FileMode.Open, FileAccess.Read, FileShare.Read));
        }
        Check(location, file.Length, offset, size, where);
        return file;
    }

    private static void Check(string location, long available, long offset, long size, string where)
    {
        if (size > available || offset > available - size)
            throw Refused($"{size} bytes at offset {offset} are outside the external data file '{location}' of {available} bytes", where);
    }

    private string Resolve(string location, string where)
    {
        if (folder is null)
            throw Refused($"the data is in the file '{location}', and a model that is not loaded from a file has no folder; load it by its path", where);
        string[] parts = location.Split('/');
        if (location.AsSpan().IndexOfAny("\\:\0") >= 0 || Array.Exists(parts, part => part is "" or ".."))
            throw Refused($"the external data location '{location}' is not a plain path inside the model's folder", where);
        string path = folder;
        foreach (string part in parts)
        {
            path = Path.Join(path, part);
            if (part != "." && new FileInfo(path).LinkTarget is not null)
                throw Refused($"the external data location '{location}' passes through a symbolic link", where);
        }
        path = Path.GetFullPath(path);
        return path.StartsWith(Path.TrimEndingDirectorySeparator(folder) + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw Refused($"the external data location '{location}' is outside the model's folder", where);
    }

    private static long Count(StringStringEntryProto entry, string where) =>
        long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out long count)
            ? count
            : throw Refused($"the external data {entry.Key} '{entry.Value}' is not a count of bytes", where);

    private static ModelFormatException Refused(string why, string where) => new(why, where, ErrorCode.ExternalData);

    public void Dispose()
    {
        foreach (ModelBytes file in files.Values)
            file.Dispose();
    }
}
