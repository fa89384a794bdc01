using HybridConv.Cli.Reports;

namespace HybridConv.Cli.LayoutClaim;

/// <summary>A comparison of layouts for people.</summary>
internal static class ClaimTable
{
    public static void Print(Terminal terminal, LayoutsReport report)
    {
        var table = new TextTable("layer", "as in", ">naive nhwc", ">naive nchw", ">nchw/nhwc", ">blocked nhwc", ">blocked nchw", ">nchw/nhwc");
        foreach (LayoutRow row in report.Rows)
            if (row is { Naive: { } naive, Blocked: { } blocked })
                table.Add(row.Layer, row.Origin, Speed(naive.ChannelsLast), Speed(naive.ChannelsFirst), Ratio(naive),
                    Speed(blocked.ChannelsLast), Speed(blocked.ChannelsFirst), Ratio(blocked));
        terminal.Write(table);
        foreach (LayoutRow row in report.Rows.Where(row => row.Reason is not null))
            terminal.WriteLine($"{row.Layer}: {row.Reason}");
        terminal.WriteLine(FormattableString.Invariant(
            $"GFLOP/s, and % of the peak of fused multiply-adds on one thread, {report.PeakGflops:0} GFLOP/s; ") + FormattableString.Invariant(
            $"nchw/nhwc is above 1 where channels-last is faster (medians; rounds: {report.Rounds})."));
        terminal.WriteLine("Naive is one scalar chain per output: it measures the latency of additions that wait for each other as much as memory.");
        terminal.WriteLine(report.Verdict.Naive);
        terminal.WriteLine(report.Verdict.Blocked);
        terminal.WriteLine(report.Verdict.Conclusion);
    }

    private static string Speed(LayoutTime time) => FormattableString.Invariant($"{time.Gflops:0.0} ({time.PercentOfPeak:0})");

    private static string Ratio(LayoutPair pair) => FormattableString.Invariant($"{pair.Ratio:0.00}");
}
