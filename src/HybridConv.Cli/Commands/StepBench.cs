using System.Globalization;
using HybridConv.Cli.Reports;
using HybridConv.Planning;
using HybridConv.Targets;
using HybridConv.Tools;

namespace HybridConv.Cli.Commands;

/// <summary>The ceilings of every target that a bench comes across, measured once each.</summary>
internal sealed class TargetPeaks(Terminal terminal)
{
    private readonly Dictionary<string, MachinePeak?> measured = [];

    public MachinePeak? Of(Session session)
    {
        if (!measured.TryGetValue(session.Target, out MachinePeak? peak))
        {
            terminal.Progress($"measuring the peaks of {session.Target}");
            measured[session.Target] = peak = session.MeasurePeak();
        }
        return peak;
    }
}

/// <summary>The part of <c>bench</c> that looks at steps one by one.</summary>
internal sealed class StepBench
{
    private readonly List<BenchStep> rows = [];

    public IReadOnlyList<BenchStep> Rows => rows;

    public void Add(string model, string target, IReadOnlyList<(Step Step, TimeSpan Time)> profile, MachinePeak? peak)
    {
        foreach ((Step step, TimeSpan time) in profile)
        {
            double nanoseconds = Math.Max(1, time.TotalNanoseconds), gflops = 2.0 * step.Cost.Macs / nanoseconds, bandwidth = step.Bytes / nanoseconds;
            rows.Add(new BenchStep(
                model, target, step.Node.Name, step.Node.Op.Name, step.Kernel, step.Node.Outputs[0].KnownShape.ToString(), step.Cost.Macs, step.Bytes, Math.Round(nanoseconds / 1000, 2),
                Math.Round(step.Nanoseconds / 1000, 2), Math.Round(gflops, 1), Percent(gflops, peak?.Gflops), Math.Round(bandwidth, 2), Percent(bandwidth, peak?.Bandwidth)));
        }
    }

    public static void Print(Terminal terminal, IReadOnlyList<BenchStep> rows)
    {
        foreach (IGrouping<(string Model, string Target), BenchStep> group in rows.GroupBy(row => (row.Model, row.Target)))
        {
            terminal.WriteLine("");
            var table = new TextTable($"{group.Key.Model} on {group.Key.Target}", "kernel", "output", ">MMACs", ">us", ">predicted", ">GFLOP/s", ">% of peak", ">GB/s", ">% of bandwidth");
            foreach (BenchStep row in group)
                table.Add($"{row.Node} ({row.Op})", row.Kernel, row.Output, Numbers.Text(row.Macs / 1e6, "0.0"), Numbers.Text(row.Us, "0.0"), Numbers.Text(row.PredictedUs, "0.0"), Numbers.Text(row.Gflops, "0.0"), Numbers.Text(row.PercentOfPeak, "0"),
                    Numbers.Text(row.Bandwidth, "0.0"), Numbers.Text(row.PercentOfBandwidth, "0"));
            terminal.Write(table);
            foreach (IGrouping<string, BenchStep> kernel in group.GroupBy(row => row.Kernel).OrderByDescending(kernel => kernel.Sum(row => row.Us)))
                terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{kernel.Key}: {kernel.Count()} steps, {kernel.Sum(row => row.Us):0} us, {100 * kernel.Sum(row => row.Us) / group.Sum(row => row.Us):0} %, {2e-3 * kernel.Sum(row => row.Macs) / kernel.Sum(row => row.Us):0.0} GFLOP/s"));
        }
    }

    private static double? Percent(double value, double? peak) => peak is null ? null : Math.Round(100 * value / peak.Value, 1);
}
