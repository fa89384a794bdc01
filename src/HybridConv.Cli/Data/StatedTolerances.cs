using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace HybridConv.Cli.Data;

/// <summary>
/// Absolute tolerances that a case states for single data sets: where a <c>meta.json</c> beside the model has an entry in <c>sets</c> whose <c>expect</c> says
/// "compare at 5e-4 absolute" (because the set was made by something less exact than the model), that set is held to it.
/// </summary>
internal static partial class StatedTolerances
{
    /// <summary>The tolerances by folder name of the data set; empty when nothing is stated.</summary>
    public static IReadOnlyDictionary<string, double> Read(string folder)
    {
        var stated = new Dictionary<string, double>();
        string path = Path.Combine(folder, "meta.json");
        if (!File.Exists(path))
            return stated;
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(path));
        if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("sets", out JsonElement sets) || sets.ValueKind != JsonValueKind.Array)
            return stated;
        foreach (JsonElement set in sets.EnumerateArray())
            if (Text(set, "dir") is { } name && Text(set, "expect") is { } expect && Statement().Match(expect) is { Success: true } match
                && double.TryParse(match.Groups[1].Value, NumberStyles.Float, CultureInfo.InvariantCulture, out double tolerance) && tolerance is > 0 and < 1)
                stated[name] = tolerance;
        return stated;
    }

    private static string? Text(JsonElement set, string property) =>
        set.ValueKind == JsonValueKind.Object && set.TryGetProperty(property, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    [GeneratedRegex(@"compare at ([0-9.eE+-]+) absolute")]
    private static partial Regex Statement();
}
