using System.Text.Json.Serialization;

namespace HybridConv.Cli.Reports;

// The JSON that commands write; other programs rely on the names. A number that is not finite is null.

internal sealed record MachineReport(
    string Processor, int Processors, string Isa, IReadOnlyList<string> Features, string Os, string Architecture, string Runtime, long MemoryBytes, string Version, double? PeakGflops);

/// <param name="Machine">Where it was measured; its peak is that of the rows' threads.</param>
/// <param name="Rows">One per model and target.</param>
/// <param name="Layouts">The layouts compared on single layers; null when that was not asked for.</param>
/// <param name="Steps">Every step alone; null when that was not asked for.</param>
/// <param name="Against">The target that results were checked against.</param>
/// <param name="Devices">What the targets are that are not the processor; null without any.</param>
internal sealed record BenchReport(
    MachineReport Machine, IReadOnlyList<BenchRow> Rows, LayoutsReport? Layouts = null, IReadOnlyList<BenchStep>? Steps = null, string Against = "cpu:reference",
    IReadOnlyDictionary<string, string>? Devices = null);

/// <summary>One step of one model on one target, measured alone.</summary>
/// <param name="Model">The model's name.</param>
/// <param name="Target">The target.</param>
/// <param name="Node">The node that the step runs.</param>
/// <param name="Op">Its operator.</param>
/// <param name="Kernel">The row that was taken.</param>
/// <param name="Output">The first output's shape.</param>
/// <param name="Macs">Direct multiply-accumulates.</param>
/// <param name="Bytes">Activations and weights, each touched once.</param>
/// <param name="Us">The shortest of a few times, by the device's clock where it has one.</param>
/// <param name="PredictedUs">What the row was taken for.</param>
/// <param name="Gflops">Two operations per multiply-accumulate.</param>
/// <param name="PercentOfPeak">Of the target's multiply-adds in registers.</param>
/// <param name="Bandwidth">GB/s of <paramref name="Bytes"/>.</param>
/// <param name="PercentOfBandwidth">Of memory that no cache holds; small steps run from caches and pass 100.</param>
internal sealed record BenchStep(
    string Model, string Target, string Node, string Op, string Kernel, string Output, long Macs, long Bytes, double Us, double PredictedUs,
    double Gflops, double? PercentOfPeak, double Bandwidth, double? PercentOfBandwidth);

/// <param name="Model">The model's name.</param>
/// <param name="Target">The target that was asked for.</param>
/// <param name="Layout">The order of the caller's images: <c>nchw</c> or <c>nhwc</c>.</param>
/// <param name="Threads">Threads of a run.</param>
/// <param name="LoadMs">From the file (or the builder) to a session that can run.</param>
/// <param name="FirstMs">The first run.</param>
/// <param name="MinMs">The fastest later run.</param>
/// <param name="MedianMs">The middle one of the later runs.</param>
/// <param name="P95Ms">The time that 95 of 100 later runs do not exceed.</param>
/// <param name="Gflops">Direct multiply-accumulates, two operations each, per median time.</param>
/// <param name="PercentOfPeak">Of the fused multiply-adds that the same threads reach in registers.</param>
/// <param name="ArenaBytes">Memory behind one run.</param>
/// <param name="AllocatedBytesPerRun">Managed bytes, over all threads.</param>
/// <param name="MaxAbsDiffToReference">The largest difference of any output element to what is right.</param>
/// <param name="WithinBound">Whether that difference is within the tolerance of a correct result.</param>
/// <param name="Reason">Why there are no numbers, and what would change that.</param>
/// <param name="ColdStartMs">From the start of a new process to its first answer, with empty caches; null when that was not asked for.</param>
/// <param name="WarmStartMs">Likewise, with what the cold start left in the caches.</param>
/// <param name="VerifyPercent">What <c>--verify</c> adds to the time of a run: the median over pairs of a run with it and one without; null without it.</param>
internal sealed record BenchRow(
    string Model, string Target, string? Layout = null, int? Threads = null, double? LoadMs = null, double? FirstMs = null, double? MinMs = null, double? MedianMs = null, double? P95Ms = null,
    double? Gflops = null, double? PercentOfPeak = null, long? ArenaBytes = null, long? AllocatedBytesPerRun = null, double? MaxAbsDiffToReference = null,
    bool? WithinBound = null, string? Reason = null, double? ColdStartMs = null, double? WarmStartMs = null, double? VerifyPercent = null);

internal sealed record SuiteReport(string Target, int Passed, int Failed, int Unsupported, IReadOnlyList<CaseReport> Cases);

/// <param name="Name">The case's folder.</param>
/// <param name="Status"><c>passed</c>, <c>failed</c> or <c>unsupported</c>.</param>
/// <param name="MaxAbsError">The largest over all outputs of all data sets that could be compared.</param>
/// <param name="MaxRelError">Likewise, relative to the wanted element.</param>
/// <param name="Milliseconds">Loading, compiling, running and comparing.</param>
/// <param name="Reason">Why the case did not pass.</param>
internal sealed record CaseReport(string Name, string Status, double? MaxAbsError, double? MaxRelError, double Milliseconds, string? Reason);

internal sealed record RunReport(string Target, string Model, IReadOnlyList<OutputReport> Outputs, IReadOnlyList<ScoreReport> Top, double Milliseconds);

/// <param name="Name">The output's name in the model.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="File">Where it was written; null when it was not.</param>
internal sealed record OutputReport(string Name, long[] Shape, string? File);

internal sealed record ScoreReport(int Index, string? Label, double? Score);

internal sealed record TuneReport(string Target, string Device, string File, IReadOnlyList<TuneSpecReport> Specs);

/// <param name="Op">The operator.</param>
/// <param name="Output">The shape of the first output.</param>
/// <param name="Spec">Types, shapes, strides and attributes.</param>
/// <param name="Steps">The number of steps that have it.</param>
/// <param name="Chosen">The kernel that is taken without these measurements.</param>
/// <param name="ChosenUs">Its time.</param>
/// <param name="Best">The fastest kernel that answers rightly; null when none does.</param>
/// <param name="BestUs">Its time.</param>
/// <param name="Rows">All kernels that fit.</param>
internal sealed record TuneSpecReport(string Op, string Output, string Spec, int Steps, string Chosen, double? ChosenUs, string? Best, double? BestUs, IReadOnlyList<TuneRowReport> Rows);

/// <param name="Kernel">The kernel's name.</param>
/// <param name="Us">The median of its times; null when it was not measured.</param>
/// <param name="Why">Why not.</param>
internal sealed record TuneRowReport(string Kernel, double? Us, string? Why);

internal sealed record InspectReport(
    string Model, long? Bytes, IReadOnlyDictionary<string, long> Opsets, IReadOnlyList<TensorReport> Inputs, IReadOnlyList<TensorReport> Outputs,
    int Nodes, long Parameters, IReadOnlyDictionary<string, int> Ops);

/// <param name="Name">The name in the model.</param>
/// <param name="Type">The element type.</param>
/// <param name="Shape">Sizes, or names of open axes; null when the model does not declare a rank.</param>
internal sealed record TensorReport(string Name, string Type, IReadOnlyList<string>? Shape);

internal sealed record KnobsReport(IReadOnlyList<KnobReport> Knobs);

internal sealed record KnobReport(string Name, string? Value, string Default, string Doc);

internal sealed record DoctorReport(MachineReport Machine, IReadOnlyList<FindingReport> Findings, IReadOnlyList<KnobReport> Knobs);

/// <param name="Subject">What was looked at.</param>
/// <param name="Status"><c>ok</c>, <c>note</c> or <c>problem</c>.</param>
/// <param name="Text">What was found.</param>
internal sealed record FindingReport(string Subject, string Status, string Text);

internal sealed record ZooReport(IReadOnlyList<NetworkReport> Networks);

internal sealed record NetworkReport(string Name, string Description);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BenchReport))]
[JsonSerializable(typeof(SuiteReport))]
[JsonSerializable(typeof(RunReport))]
[JsonSerializable(typeof(InspectReport))]
[JsonSerializable(typeof(KnobsReport))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(ZooReport))]
[JsonSerializable(typeof(TuneReport))]
internal sealed partial class ReportJson : JsonSerializerContext;
