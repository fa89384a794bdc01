using System.Text.Encodings.Web;
using System.Text.Json;

namespace HybridConv.Planning;

/// <summary>
/// Times of rows that were measured on devices: by the device's name, the spec (see <see cref="SpecText"/>) and the row's name, in nanoseconds. As a file:
/// <c>{ "format": 1, "devices": { DEVICE: { SPEC: { ROW: 12345 } } } }</c>. Files are read with tolerance: what is no such entry is passed over.
/// </summary>
internal sealed class TuningTable
{
    private const int Format = 1;

    private static readonly JsonWriterOptions Indented = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, NewLine = "\n" };

    private readonly SortedDictionary<string, SortedDictionary<string, SortedDictionary<string, double>>> devices = new(StringComparer.Ordinal);

    public IEnumerable<string> Devices => devices.Keys;

    /// <summary>The names of all rows that were measured on a device.</summary>
    public IEnumerable<string> Rows(string device) => devices[device].Values.SelectMany(rows => rows.Keys).Distinct();

    /// <summary>The number of measured times.</summary>
    public int Count => devices.Values.Sum(specs => specs.Values.Sum(rows => rows.Count));

    /// <summary>What a file says; null when it is no table of this format at all.</summary>
    public static TuningTable? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return IsTable(document.RootElement, out JsonElement named) ? Of(named) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or names that are no text.
            return null;
        }
    }

    /// <summary>The rows that were measured on a device for a spec; empty when none was.</summary>
    public IReadOnlyDictionary<string, double> Find(string device, string spec) =>
        devices.TryGetValue(device, out var specs) && specs.TryGetValue(spec, out var rows) ? rows : new SortedDictionary<string, double>();

    /// <summary>Whether anything was measured on a device.</summary>
    public bool Knows(string device) => devices.ContainsKey(device);

    /// <summary>Notes a row's time, in place of an earlier one.</summary>
    public void Set(string device, string spec, string row, double nanoseconds)
    {
        if (!devices.TryGetValue(device, out var specs))
            devices[device] = specs = new(StringComparer.Ordinal);
        if (!specs.TryGetValue(spec, out var rows))
            specs[spec] = rows = new(StringComparer.Ordinal);
        rows[row] = nanoseconds;
    }

    /// <summary>Forgets a row's time.</summary>
    public void Remove(string device, string spec, string row)
    {
        if (devices.TryGetValue(device, out var specs) && specs.TryGetValue(spec, out var rows))
            rows.Remove(row);
    }

    public byte[] ToJson()
    {
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, Indented))
        {
            writer.WriteStartObject();
            writer.WriteNumber("format", Format);
            writer.WriteStartObject("devices");
            foreach ((string device, var specs) in devices)
            {
                writer.WriteStartObject(device);
                foreach ((string spec, var rows) in specs.Where(spec => spec.Value.Count > 0))
                {
                    writer.WriteStartObject(spec);
                    foreach ((string row, double nanoseconds) in rows)
                        writer.WriteNumber(row, Math.Round(nanoseconds));
                    writer.WriteEndObject();
                }
                writer.WriteEndObject();
            }
            writer.WriteEndObject();
            writer.WriteEndObject();
        }
        return [.. buffer.ToArray(), (byte)'\n'];
    }

    private static bool IsTable(JsonElement root, out JsonElement named)
    {
        named = default;
        return root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("format", out JsonElement format) && format.ValueKind == JsonValueKind.Number
            && format.TryGetInt32(out int number) && number == Format
            && root.TryGetProperty("devices", out named) && named.ValueKind == JsonValueKind.Object;
    }

    private static TuningTable Of(JsonElement named)
    {
        var table = new TuningTable();
        foreach ((string device, JsonElement specs) in Objects(named))
            foreach ((string spec, JsonElement rows) in Objects(specs))
                foreach (JsonProperty row in rows.EnumerateObject())
                    if (row.Value.ValueKind == JsonValueKind.Number && row.Value.TryGetDouble(out double nanoseconds) && nanoseconds > 0 && double.IsFinite(nanoseconds))
                        table.Set(device, spec, row.Name, nanoseconds);
        return table;
    }

    private static IEnumerable<(string Name, JsonElement Value)> Objects(JsonElement parent) =>
        parent.EnumerateObject().Where(property => property.Value.ValueKind == JsonValueKind.Object).Select(property => (property.Name, property.Value));
}
