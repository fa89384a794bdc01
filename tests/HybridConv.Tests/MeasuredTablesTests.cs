using HybridConv.Cli.Reports;
using HybridConv.Compare;
using Xunit;

namespace HybridConv.Tests;

public class MeasuredTablesTests
{
    private static readonly MachineReport Machine = new("CPU", 2, "v512", [], "Linux", "x64", ".NET 10", 1, "0.1.0", 236);

    [Fact]
    public void Runs_with_different_threads_stand_side_by_side_and_every_batch_ends_in_its_mean()
    {
        CompareReport one = Report(1, [Row("a", 1, 1.25), Row("b", 1, 0.5), Row("a", 8, 2)], [new BatchMean(1, 0.79), new BatchMean(8, 2)]);
        CompareReport two = Report(2, [Row("a", 1, 1.5) with { PeerVariant = "channels_last" }, new CompareRow("b", 1, Reason: "too large")], [new BatchMean(1, 1.5)]);
        Assert.Equal(
            """
            **peer 1** beside hybridconv 0.1.0; CPU, 2 processors, v512 kernels, Linux, .NET 10 ([bench/results/m/compare-2.json](bench/results/m/compare-2.json), [bench/results/m/compare-1.json](bench/results/m/compare-1.json)). First run, load and peak memory with 2 threads:

            | model | batch | 1 thread: ratio | ms | 2 threads: ratio | ms | first ms | load ms | peak MB |
            |---|---|---|---|---|---|---|---|---|
            | a | 1 | 1.25 (1.15-1.35) | 4.00 / 5.00 | 1.50 (1.40-1.60) | 4.00 / 6.00 (channels_last) | 10 / 20 | 30 / 40 | 50 / 60 |
            | b | 1 | 0.50 (0.40-0.60) | 4.00 / 2.00 |  |  |  |  |  |
            | **geometric mean** | 1 | **0.79** |  | **1.50** |  |  |  |  |
            | a | 8 | 2.00 (1.90-2.10) | 4.00 / 8.00 |  |  |  |  |  |
            | **geometric mean** | 8 | **2.00** |  |  |  |  |  |  |

            b, batch 1, 2 threads: too large

            """.ReplaceLineEndings("\n"),
            MeasuredTables.Compare([("bench/results/m/compare-2.json", two), ("bench/results/m/compare-1.json", one)]));
    }

    [Fact]
    public void Batches_measured_apart_are_rows_of_one_table()
    {
        CompareReport one = Report(2, [Row("a", 1, 1.25)], [new BatchMean(1, 1.25)]), many = Report(2, [Row("a", 8, 2)], [new BatchMean(8, 2)]);
        string text = MeasuredTables.Compare([("m/compare-2.json", one), ("m/compare-2-batches.json", many)]);
        Assert.Single(text.Split("| model |")[1..]);
        Assert.Contains("| a | 1 | 1.25 (1.15-1.35) | 4.00 / 5.00 |", text, StringComparison.Ordinal);
        Assert.Contains("| **geometric mean** | 8 | **2.00** |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bench_report_of_layouts_shows_layers_and_verdict()
    {
        LayoutTime last = new(1, 90, 80), first = new(2, 45, 40);
        var row = new LayoutRow("56x56 64-256", "ResNet-50", 56, 56, 64, 256, new LayoutPair(last, first, 2, 1.5, 2.5), new LayoutPair(last, last, 1, 0.9, 1.1));
        var layouts = new LayoutsReport(1, 105, 13, [row], new LayoutVerdict("Naive.", "Blocked.", "Both."));
        string text = MeasuredTables.Bench([("m/bench-layouts.json", new BenchReport(Machine, [], layouts))]);
        Assert.EndsWith("|\n| 56x56 64-256 | ResNet-50 | 2.00 (1.50-2.50) | 90.0 / 45.0 | 1.00 (0.90-1.10) | 90.0 / 90.0 |\n\nNaive. Blocked. Both.\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("| model |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_peer_and_another_machine_have_tables_of_their_own()
    {
        CompareReport report = Report(1, [Row("a", 1, 1)], [new BatchMean(1, 1)]);
        string text = MeasuredTables.Compare([("m/compare-1.json", report), ("m/compare-2.json", report with { Peer = "peer 2" }), ("n/compare-1.json", report)]);
        Assert.Equal(3, text.Split("| model |").Length - 1);
    }

    [Fact]
    public void A_model_that_stands_twice_for_the_same_threads_is_refused() =>
        Assert.Throws<ArgumentException>(() => MeasuredTables.Compare([("m/compare-1.json", Report(1, [Row("a", 1, 1), Row("a", 1, 2)], []))]));

    [Fact]
    public void Without_a_report_the_tables_say_so()
    {
        Assert.StartsWith("No comparison", MeasuredTables.Compare([]), StringComparison.Ordinal);
        Assert.StartsWith("No measurement", MeasuredTables.Bench([]), StringComparison.Ordinal);
    }

    [Fact]
    public void A_bench_report_shows_what_was_measured_on_every_target()
    {
        var row = new BenchRow("net", "cpu", "nchw", 2, 100.4, 20, 4, 4.26, 5, 173, 73, 4735424, 0, 1.9e-6, true);
        string text = MeasuredTables.Bench([("bench/results/m/bench-a.json", new BenchReport(Machine, [row, row with { Target = "opencl:0" }, new BenchRow("net", "opencl:1", Reason: "no")]))]);
        Assert.StartsWith("CPU, 2 processors, v512 kernels, Linux, .NET 10 ([bench/results/m/bench-a.json](bench/results/m/bench-a.json)):\n\n| model |", text, StringComparison.Ordinal);
        Assert.EndsWith("|\n| net | cpu | 2 | 100 | 20 | 4.3 | 173 | 73 | 4,735,424 | 0 | 1.9e-6 |\n| net | opencl:0 | 2 | 100 | 20 | 4.3 | 173 | 73 | 4,735,424 | 0 | 1.9e-6 |\n", text, StringComparison.Ordinal);
    }

    private static CompareReport Report(int threads, CompareRow[] rows, BatchMean[] means) => new(Machine, "peer 1", null, "hybridconv 0.1.0", null, threads, null, "", null, means, rows);

    private static CompareRow Row(string model, int batch, double ratio) => new(
        model, batch, OursMs: 4, PeerMs: 4 * ratio, Ratio: ratio, RatioLow: ratio - 0.1, RatioHigh: ratio + 0.1, OursFirstMs: 10, PeerFirstMs: 20, OursLoadMs: 30, PeerLoadMs: 40,
        OursPeakBytes: 50_000_000, PeerPeakBytes: 60_000_000);
}
