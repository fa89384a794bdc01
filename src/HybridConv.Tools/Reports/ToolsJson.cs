using System.Text.Json.Serialization;

namespace HybridConv.Tools.Reports;

/// <summary>The JSON of the reports in this project; other programs rely on the names. A number that is not finite is null.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DevicesReport))]
[JsonSerializable(typeof(ExplainReport))]
[JsonSerializable(typeof(VerifyReport))]
internal sealed partial class ToolsJson : JsonSerializerContext;
