using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using HybridConv.Testing;

namespace HybridConv.Tests;

/// <summary>The table of <c>native/README.md</c>, from the reports that <c>native/bench/bench.py</c> wrote.</summary>
internal static class NativeTable
{
    private static readonly string[] Engines = ["c", "managed", "onnxruntime"];

    public static string Of(IReadOnlyList<string> reports)
    {
        var text = new StringBuilder();
        foreach (string path in reports)
        {
            JsonNode report = JsonNode.Parse(Repository.Read(path))!;
            JsonNode machine = report["machine"]!;
            string sizes = string.Join(", ", report["libraries"]!.AsObject().Where(file => file.Key.Contains("x86", StringComparison.Ordinal)).Select(file => $"{Text((double)file.Value! / 1e6, "0.0")} MB"));
            text.Append(CultureInfo.InvariantCulture, $"{machine["processor"]}, {machine["processors"]} processors, {machine["isa"]} kernels ([{path}](../{path})); the parts have {sizes}:\n\n");
            text.Append("| model | threads | load ms | first ms | ms | managed by C | ONNX Runtime by C |\n|---|---|---|---|---|---|---|\n");
            foreach (JsonNode? row in report["rows"]!.AsArray())
                text.Append(CultureInfo.InvariantCulture, $"| {row!["model"]} | {row["threads"]} | {All(row, "loadMs", "0")} | {All(row, "firstMs", "0.0")} | {All(row, "medianMs", "0.00")} | {Ratio(row["managedByC"]!)} | {Ratio(row["onnxruntimeByC"]!)} |\n");
        }
        return text.ToString();
    }

    private static string All(JsonNode row, string key, string format) => string.Join(" / ", Engines.Select(engine => Text((double)row[engine]![key]!, format)));

    private static string Ratio(JsonNode quartiles) => $"{Text((double)quartiles[1]!, "0.00")} ({Text((double)quartiles[0]!, "0.00")}-{Text((double)quartiles[2]!, "0.00")})";

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
