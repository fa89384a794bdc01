using System.Diagnostics;
using HybridConv.Cli.Reports;
using HybridConv.Cpu;
using HybridConv.Tools;

namespace HybridConv.Cli.LayoutClaim;

/// <summary>
/// Measures the claim that 1x1 convolutions are faster channels-last because a pixel's channels are contiguous: each layer in both layouts, as a naive loop and
/// as a blocked GEMM. All ways take turns in every round, and ratios are of one round, so that a machine whose speed varies slows all of them.
/// </summary>
/// <param name="rounds">Turns of every way, of one run each; null for as many turns, each of as many runs, as make a ratio steady.</param>
/// <param name="terminal">For progress.</param>
internal sealed class ClaimBench(int? rounds, Terminal terminal)
{
    private const int UsualRounds = 13;

    private static readonly TimeSpan UsualTurn = TimeSpan.FromMilliseconds(20), TimeForPeak = TimeSpan.FromMilliseconds(300);

    private readonly int count = rounds ?? UsualRounds;
    private readonly TimeSpan turn = rounds is null ? UsualTurn : TimeSpan.Zero;

    public LayoutsReport Measure(IReadOnlyList<ClaimLayer> layers)
    {
        double peak = PeakProbe.GigaflopsPerSecond(Knobs.Isa, 1, TimeForPeak);
        LayoutRow[] rows = [.. layers.Select(layer => Measure(layer, peak))];
        return new LayoutsReport(1, Math.Round(peak, 1), count, rows, ClaimVerdict.Of(rows));
    }

    private LayoutRow Measure(ClaimLayer layer, double peak)
    {
        terminal.Progress($"layouts: measuring {layer.Name}");
        using var ways = new LayerWays(layer);
        var row = new LayoutRow(layer.Name, layer.Origin, layer.Side, layer.Side, layer.InputChannels, layer.OutputChannels);
        if (Disagreement(ways) is { } reason)
            return row with { Reason = reason };

        var milliseconds = LayerWays.All.ToDictionary(way => way, _ => new double[count]);
        for (int round = 0; round < count; round++)
            for (int i = 0; i < LayerWays.All.Count; i++)
            {
                Way way = LayerWays.All[(round + i) % LayerWays.All.Count];
                milliseconds[way][round] = Turn(ways, way);
            }
        LayoutPair Pair(Way last, Way first)
        {
            double[] ratios = [.. milliseconds[first].Zip(milliseconds[last], (a, b) => a / b)];
            return new LayoutPair(Time(milliseconds[last]), Time(milliseconds[first]),
                Numbers.Round(Quantiles.Median(ratios)), Numbers.Round(Quantiles.At(ratios, 0.25)), Numbers.Round(Quantiles.At(ratios, 0.75)));
        }
        LayoutTime Time(double[] times)
        {
            double median = Quantiles.Median(times), gflops = 2e-6 * layer.Macs / median;
            return new LayoutTime(Numbers.Round(median), Math.Round(gflops, 2), Math.Round(100 * gflops / peak, 2));
        }
        return row with { Naive = Pair(Way.NaiveLast, Way.NaiveFirst), Blocked = Pair(Way.BlockedLast, Way.BlockedFirst) };
    }

    /// <summary>Milliseconds of the middle run, after one that is not counted.</summary>
    private double Turn(LayerWays ways, Way way)
    {
        ways.Run(way);
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        do
        {
            long run = Stopwatch.GetTimestamp();
            ways.Run(way);
            times.Add(1e3 * (Stopwatch.GetTimestamp() - run) / Stopwatch.Frequency);
        }
        while (Stopwatch.GetElapsedTime(start) < turn);
        return Quantiles.Median(times);
    }

    private static string? Disagreement(LayerWays ways)
    {
        ExactSums exact = ways.Exact();
        foreach (Way way in LayerWays.All)
        {
            ways.Run(way);
            if (exact.Disagreement(ways.Output(way), LayerWays.IsChannelsLast(way)) is { } reason)
                return $"{way}: {reason}";
        }
        return null;
    }
}
