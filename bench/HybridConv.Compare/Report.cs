using System.Text.Json.Serialization;
using HybridConv.Cli;
using HybridConv.Cli.Reports;

namespace HybridConv.Compare;

/// <param name="Machine">Where it was measured.</param>
/// <param name="Peer">Name and version of what was measured beside HybridConv; null when it never loaded a model.</param>
/// <param name="PeerOptions">Every option of the peer.</param>
/// <param name="Ours">Name and version of this engine.</param>
/// <param name="OursOptions">Every option of this engine.</param>
/// <param name="Threads">Of each engine.</param>
/// <param name="Processors">The processors that all processes were bound to; null where they were not.</param>
/// <param name="Method">How times were taken.</param>
/// <param name="GeometricMean">Of the ratios; null without any.</param>
/// <param name="GeometricMeans">The same for each batch alone.</param>
/// <param name="Rows">One per model and batch.</param>
internal sealed record CompareReport(
    MachineReport Machine, string? Peer, IReadOnlyDictionary<string, string>? PeerOptions, string? Ours, IReadOnlyDictionary<string, string>? OursOptions, int Threads,
    IReadOnlyList<int>? Processors, string Method, double? GeometricMean, IReadOnlyList<BatchMean> GeometricMeans, IReadOnlyList<CompareRow> Rows);

/// <summary>The geometric mean of the ratios of one batch; null without any.</summary>
internal sealed record BatchMean(int Batch, double? GeometricMean);

/// <param name="Model">The model's name.</param>
/// <param name="Batch">Pictures per run.</param>
/// <param name="OursMs">The median over the rounds of the round's median time of one run.</param>
/// <param name="PeerMs">The peer's.</param>
/// <param name="OursMinMs">The fastest run of all rounds.</param>
/// <param name="PeerMinMs">The peer's.</param>
/// <param name="Ratio">The median over the rounds of the peer's time by ours; above 1 this engine is faster. None without agreement.</param>
/// <param name="RatioLow">The lower quartile.</param>
/// <param name="RatioHigh">The upper quartile.</param>
/// <param name="ReproducibleMs">As <paramref name="OursMs"/> where the bits are the same on every machine; null where <paramref name="OursMs"/> is that.</param>
/// <param name="ReproducibleRatio">The median over the rounds of the peer's time by that.</param>
/// <param name="LeastMs">What the machine's roofline allows: see <see cref="Tools.Roofline"/>.</param>
/// <param name="BestRatio">The peer's median time by that: the best ratio that there can be with these algorithms.</param>
/// <param name="Kernels">Where the time goes: the kernels, the one that takes longest first.</param>
/// <param name="MaxAbsDiff">The largest difference of any output element.</param>
/// <param name="OursFirstMs">The first run.</param>
/// <param name="PeerFirstMs">The peer's.</param>
/// <param name="OursLoadMs">From the file to a session with its buffers, the engine's own start included.</param>
/// <param name="PeerLoadMs">The peer's.</param>
/// <param name="OursPeakBytes">The most memory that the process had resident; the .NET runtime, which is in both, included.</param>
/// <param name="PeerPeakBytes">The peer's.</param>
/// <param name="PeerVariant">Which of the peer's variants was the fastest; null where it has no variants.</param>
/// <param name="Agree">Whether the outputs agree within the tolerance.</param>
/// <param name="Reason">Why there is no ratio.</param>
/// <param name="Rounds">What the ratio rests on.</param>
internal sealed record CompareRow(
    string Model, int Batch, double? OursMs = null, double? PeerMs = null, double? OursMinMs = null, double? PeerMinMs = null,
    double? Ratio = null, double? RatioLow = null, double? RatioHigh = null, double? MaxAbsDiff = null, double? OursFirstMs = null, double? PeerFirstMs = null,
    double? OursLoadMs = null, double? PeerLoadMs = null, long? OursPeakBytes = null, long? PeerPeakBytes = null,
    double? ReproducibleMs = null, double? ReproducibleRatio = null, double? LeastMs = null, double? BestRatio = null, IReadOnlyList<KernelShare>? Kernels = null,
    string? PeerVariant = null, bool? Agree = null, string? Reason = null, IReadOnlyList<Round>? Rounds = null);

/// <summary>One burst of runs of each engine; of HybridConv also where the bits are the same on every machine, unless they are so anyway.</summary>
internal sealed record Round(Times Ours, Times Peer, Times? Reproducible = null)
{
    public double Ratio => Peer.MedianMs / Ours.MedianMs;
}

/// <summary>The runs of one burst.</summary>
internal sealed record Times(int Runs, double MinMs, double MedianMs, double P95Ms)
{
    public static Times Of(double[] times) => new(times.Length, Quantiles.At(times, 0), Quantiles.Median(times), Quantiles.At(times, 0.95));
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CompareReport))]
internal sealed partial class ReportJson : JsonSerializerContext;

/// <summary>What parent and workers write to each other: one line each.</summary>
[JsonSerializable(typeof(Job))]
[JsonSerializable(typeof(Reply))]
internal sealed partial class WireJson : JsonSerializerContext;
