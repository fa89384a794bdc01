using System.Globalization;
using System.Text;
using HybridConv.Cli.Reports;
using HybridConv.Compare;

namespace HybridConv.Tests;

/// <summary>The README's tables of reports that are committed below <c>bench/results</c>.</summary>
internal static class MeasuredTables
{
    /// <summary>A table for each report of <c>hybridconv bench</c>.</summary>
    /// <param name="reports">With their paths from the README.</param>
    public static string Bench(IEnumerable<(string Path, BenchReport Report)> reports)
    {
        var text = new StringBuilder();
        foreach ((string path, BenchReport report) in reports)
        {
            text.Append(text.Length > 0 ? "\n" : "").Append(CultureInfo.InvariantCulture, $"{Machine(report.Machine)}{Devices(report)} ({Link(path)}):\n\n");
            if (report.Layouts is { } layouts)
                Layouts(text, layouts);
            if (report.Rows.Count == 0)
                continue;
            Header(text, "model", "target", "threads", "load ms", "first ms", "median ms", "GFLOP/s", "% of FMA peak", "arena bytes", "bytes allocated per run", $"largest difference to {report.Against}");
            foreach (BenchRow row in report.Rows.Where(row => row.MedianMs is not null))
                Line(text, row.Model, row.Target, $"{row.Threads}", Number(row.LoadMs, "0"), Number(row.FirstMs, "0"), Number(row.MedianMs, "0.0"), Number(row.Gflops, "0"), Number(row.PercentOfPeak, "0"),
                    Number(row.ArenaBytes, "#,0"), Number(row.AllocatedBytesPerRun, "0"), Number(row.MaxAbsDiffToReference, "0.0e+0"));
        }
        return text.Length > 0 ? text.ToString() : "No measurement of a quiet machine is committed yet; the command prints yours in under two minutes.\n";
    }

    /// <summary>The layers of a report, and what they say.</summary>
    private static void Layouts(StringBuilder text, LayoutsReport layouts)
    {
        Header(text, "pointwise layer", "as in", "naive loop: ratio", "GFLOP/s, channels-last / first", "blocked GEMM: ratio", "GFLOP/s, channels-last / first");
        foreach (LayoutRow row in layouts.Rows)
            Line(text, row.Layer, row.Origin, Ratio(row.Naive), Speeds(row.Naive), Ratio(row.Blocked), Speeds(row.Blocked));
        text.Append(CultureInfo.InvariantCulture, $"\n{layouts.Verdict.Naive} {layouts.Verdict.Blocked} {layouts.Verdict.Conclusion}\n");

        static string Ratio(LayoutPair? pair) => pair is null ? "" : $"{Number(pair.Ratio, "0.00")} ({Number(pair.RatioLow, "0.00")}-{Number(pair.RatioHigh, "0.00")})";
        static string Speeds(LayoutPair? pair) => Pair(pair?.ChannelsLast.Gflops, pair?.ChannelsFirst.Gflops, "0.0");
    }

    /// <summary>A table for each machine and peer of reports of HybridConv.Compare, each of some models and batches with one number of threads.</summary>
    /// <param name="reports">With their paths from the README.</param>
    public static string Compare(IEnumerable<(string Path, CompareReport Report)> reports)
    {
        var text = new StringBuilder();
        foreach (var group in reports.GroupBy(entry => (Path.GetDirectoryName(entry.Path), entry.Report.Peer, entry.Report.Ours)))
        {
            CompareReport[] runs = [.. group.Select(entry => entry.Report).GroupBy(report => report.Threads).OrderBy(same => same.Key).Select(Joined)];
            string links = string.Join(", ", group.Select(entry => Link(entry.Path)));
            text.Append(text.Length > 0 ? "\n" : "").Append(CultureInfo.InvariantCulture,
                $"**{runs[0].Peer}** beside {runs[0].Ours}; {Machine(runs[0].Machine)} ({links}). First run, load and peak memory with {Threads(runs[^1])}:\n\n");
            Compare(text, runs);
        }
        return text.Length > 0 ? text.ToString() : "No comparison on a quiet machine is committed yet; the command prints yours.\n";
    }

    /// <param name="text">Takes the table.</param>
    /// <param name="runs">Of one machine and peer, by ascending threads.</param>
    private static void Compare(StringBuilder text, CompareReport[] runs)
    {
        Dictionary<(string Model, int Batch), CompareRow>[] rows = [.. runs.Select(run => run.Rows.ToDictionary(row => (row.Model, row.Batch)))];
        Header(text, ["model", "batch", .. runs.SelectMany(run => new[] { $"{Threads(run)}: ratio", "ms" }), "first ms", "load ms", "peak MB"]);
        foreach (var batch in rows.SelectMany(table => table.Keys).Distinct().GroupBy(key => key.Batch).OrderBy(batch => batch.Key))
        {
            foreach (var key in batch)
            {
                CompareRow?[] cells = [.. rows.Select(table => table.GetValueOrDefault(key))];
                CompareRow? most = cells[^1];
                Line(text,
                [
                    key.Model, $"{key.Batch}", .. cells.SelectMany(row => new[] { Ratio(row), Pair(row?.OursMs, row?.PeerMs, "0.00") + (row?.PeerVariant is { } variant ? $" ({variant})" : "") }),
                    Pair(most?.OursFirstMs, most?.PeerFirstMs, "0"), Pair(most?.OursLoadMs, most?.PeerLoadMs, "0"), Pair(1e-6 * most?.OursPeakBytes, 1e-6 * most?.PeerPeakBytes, "0"),
                ]);
            }
            Line(text,
            [
                "**geometric mean**", $"{batch.Key}",
                .. runs.SelectMany(run => new[] { run.GeometricMeans.FirstOrDefault(mean => mean.Batch == batch.Key)?.GeometricMean is { } mean ? $"**{Number(mean, "0.00")}**" : "", "" }), "", "", "",
            ]);
        }
        foreach (CompareReport run in runs)
            foreach (CompareRow row in run.Rows.Where(row => row.Reason is not null))
                text.Append(CultureInfo.InvariantCulture, $"\n{row.Model}, batch {row.Batch}, {Threads(run)}: {row.Reason}\n");
    }

    /// <summary>Reports of other models or batches as one.</summary>
    private static CompareReport Joined(IEnumerable<CompareReport> reports) => reports.Aggregate((all, report) => all with
    {
        Rows = [.. all.Rows, .. report.Rows],
        GeometricMeans = [.. all.GeometricMeans, .. report.GeometricMeans],
    });

    private static string Ratio(CompareRow? row) => row?.Ratio is null ? "" : $"{Number(row.Ratio, "0.00")} ({Number(row.RatioLow, "0.00")}-{Number(row.RatioHigh, "0.00")})";

    private static string Pair(double? ours, double? peer, string format) => ours is null && peer is null ? "" : $"{Number(ours, format)} / {Number(peer, format)}";

    private static string Threads(CompareReport run) => run.Threads == 1 ? "1 thread" : $"{run.Threads} threads";

    private static string Machine(MachineReport machine) => $"{machine.Processor}, {machine.Processors} processors, {machine.Isa} kernels, {machine.Os}, {machine.Runtime}";

    private static string Devices(BenchReport report) => string.Concat((report.Devices ?? new Dictionary<string, string>()).Select(device => $"; {device.Key} is {device.Value}"));

    private static string Link(string path) => $"[{path}]({path})";

    private static void Header(StringBuilder text, params string[] names)
    {
        Line(text, names);
        text.Append('|').AppendJoin("", Enumerable.Repeat("---|", names.Length)).Append('\n');
    }

    private static void Line(StringBuilder text, params string[] cells) => text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    private static string Number(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
