using System.Globalization;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;

namespace HybridConv.Bench;

/// <summary>What is made from a benchmark's <see cref="Work"/> and its median time.</summary>
internal sealed class WorkColumn(string name, string legend, Func<Work, double, string> value, bool isNumeric = true) : IColumn
{
    /// <summary>The time is in nanoseconds, so work per time is in units of 1e9 per second.</summary>
    public static IReadOnlyList<WorkColumn> All { get; } =
    [
        new("GFLOP/s", "Direct multiply-accumulates, two operations each, per median time", (work, time) => Text(2 * work.Macs / time, "0.0")),
        new("% of peak", "Of the fused multiply-adds that the same threads reach in registers, measured in the same process", (work, time) => Text(200 * work.Macs / time / work.PeakGflops, "0")),
        new("GB/s", "Activations and weights, each counted once, per median time", (work, time) => Text(work.Bytes / time, "0.0")),
        new("% of bandwidth", "Of what the same threads read from memory, measured in the same process; caches may pass 100", (work, time) => Text(100 * work.Bytes / time / work.PeakGigabytes, "0")),
        new("Arena MB", "Memory behind one run", (work, _) => Text(1e-6 * work.ArenaBytes, "0.000")),
        new("Weights MB", "Packed weights", (work, _) => Text(1e-6 * work.WeightBytes, "0.000")),
        new("Peak MB", "The most memory that the process ever had resident; the runtime and BenchmarkDotNet are in it", (work, _) => Text(1e-6 * work.ResidentBytes, "0.0")),
        new("Row", "The rows of the operators' tables that the planner takes; empty for a network of many", (work, _) => work.Row, isNumeric: false),
    ];

    public string Id => $"{nameof(WorkColumn)}.{name}";
    public string ColumnName => name;
    public bool AlwaysShow => true;
    public ColumnCategory Category => ColumnCategory.Custom;
    public int PriorityInCategory => All.Index().First(column => column.Item == this).Index;
    public bool IsNumeric => isNumeric;
    public UnitType UnitType => UnitType.Dimensionless;
    public string Legend => legend;

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase)
    {
        BenchmarkReport? report = summary[benchmarkCase];
        return report?.ResultStatistics is { } times && Work.Of(report) is { } work ? value(work, times.Median) : "";
    }

    public string GetValue(Summary summary, BenchmarkCase benchmarkCase, SummaryStyle style) => GetValue(summary, benchmarkCase);

    public bool IsDefault(Summary summary, BenchmarkCase benchmarkCase) => false;

    public bool IsAvailable(Summary summary) => true;

    /// <summary>Nothing where there is nothing of the kind.</summary>
    private static string Text(double value, string format) => value > 0 ? value.ToString(format, CultureInfo.InvariantCulture) : "";
}
