using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Cli.LayoutClaim;
using HybridConv.Cli.Reports;
using Xunit;

namespace HybridConv.Tests.Cli;

/// <summary><c>bench --layouts</c>: the claim that 1x1 convolutions are faster channels-last.</summary>
public sealed class LayoutClaimTests : IDisposable
{
    private static readonly ClaimLayer[] Odd = [new("", 1, 3, 2), new("", 3, 1, 1), new("", 5, 7, 9), new("", 7, 65, 37), new("", 13, 33, 19)];

    private readonly Workspace workspace = new();

    [Fact]
    public void All_ways_agree_with_the_sum_in_double_and_each_kind_of_them_to_the_bit()
    {
        foreach (ClaimLayer layer in Odd)
        {
            using var ways = new LayerWays(layer);
            ExactSums exact = ways.Exact();
            foreach (Way way in LayerWays.All)
            {
                ways.Run(way);
                Assert.Null(exact.Disagreement(ways.Output(way), LayerWays.IsChannelsLast(way)));
            }
            Assert.Equal(ChannelsFirst(ways.Output(Way.NaiveLast), layer), ways.Output(Way.NaiveFirst).ToArray());
            Assert.Equal(ChannelsFirst(ways.Output(Way.BlockedLast), layer), ways.Output(Way.BlockedFirst).ToArray());
        }

        static float[] ChannelsFirst(ReadOnlySpan<float> pixels, ClaimLayer layer)
        {
            var planes = new float[pixels.Length];
            for (int i = 0; i < planes.Length; i++)
                planes[i % layer.OutputChannels * layer.Shape.Pixels + i / layer.OutputChannels] = pixels[i];
            return planes;
        }
    }

    [Fact]
    public void A_result_that_is_wrong_or_in_the_other_layout_is_found()
    {
        // Two pixels of two channels; one filter takes the first channel, the other adds both.
        var exact = new ExactSums([1, 2, 3, 4], [1, 0, 1, 1], new PointwiseShape(2, 2, 2));
        Assert.Null(exact.Disagreement([1, 3, 3, 7], channelsLast: true));
        Assert.Null(exact.Disagreement([1, 3, 3, 7 * (1 + 1e-7f)], channelsLast: true));
        Assert.NotNull(exact.Disagreement([1, 3, 3, 7 * (1 + 4e-7f)], channelsLast: true));
        Assert.Equal("channel 1 of pixel 1 is 8 where 7 is wanted", exact.Disagreement([1, 3, 3, 8], channelsLast: true));
        Assert.Equal("channel 1 of pixel 0 is NaN where 3 is wanted", exact.Disagreement([1, 3, float.NaN, 7], channelsLast: false));

        var lopsided = new ExactSums([1, 2], [1, 10], new PointwiseShape(2, 1, 2));
        Assert.Null(lopsided.Disagreement([1, 10, 2, 20], channelsLast: true));
        Assert.Null(lopsided.Disagreement([1, 2, 10, 20], channelsLast: false));
        Assert.NotNull(lopsided.Disagreement([1, 2, 10, 20], channelsLast: true));
    }

    [Fact]
    public void Layers_are_measured_in_every_way()
    {
        LayoutsReport report = new ClaimBench(rounds: 3, new Terminal(TextWriter.Null, TextWriter.Null, rich: false)).Measure(Odd[3..]);
        Assert.Equal((1, 3), (report.Threads, report.Rounds));
        Assert.Equal(Odd[3..].Select(layer => layer.Name), report.Rows.Select(row => row.Layer));
        Assert.All(report.Rows, row =>
        {
            Assert.Null(row.Reason);
            foreach (LayoutPair pair in new[] { row.Naive!, row.Blocked! })
            {
                Assert.InRange(pair.Ratio, pair.RatioLow, pair.RatioHigh);
                Assert.True(pair.RatioLow > 0);
            }
        });
    }

    [Fact]
    public void The_command_prints_the_layers_and_the_verdict_and_writes_both()
    {
        string file = workspace["layouts.json"];
        CommandLineTests.Result result = Workspace.Run("bench", "--layouts", "--runs", "1", "--json", file);
        Assert.Equal(ExitCodes.Ok, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(file));
        Assert.Empty(document.RootElement.GetProperty("rows").EnumerateArray());
        Assert.True(document.RootElement.GetProperty("machine").GetProperty("peakGflops").GetDouble() > 0);

        JsonElement layouts = document.RootElement.GetProperty("layouts");
        Assert.Equal((1, 1), (layouts.GetProperty("threads").GetInt32(), layouts.GetProperty("rounds").GetInt32()));
        double peak = layouts.GetProperty("peakGflops").GetDouble();
        JsonElement[] rows = [.. layouts.GetProperty("rows").EnumerateArray()];
        Assert.Equal(ClaimLayer.Published.Select(layer => layer.Name), rows.Select(row => row.GetProperty("layer").GetString()));
        Assert.All(rows, row =>
        {
            double macs = 1;
            foreach (string factor in new[] { "height", "width", "inputChannels", "outputChannels" })
                macs *= row.GetProperty(factor).GetInt32();
            foreach (JsonElement pair in new[] { row.GetProperty("naive"), row.GetProperty("blocked") })
            {
                foreach (JsonElement time in new[] { pair.GetProperty("channelsLast"), pair.GetProperty("channelsFirst") })
                {
                    double gflops = time.GetProperty("gflops").GetDouble();
                    Assert.Equal(2e-6 * macs, gflops * time.GetProperty("medianMs").GetDouble(), 0.02 * 2e-6 * macs);
                    Assert.Equal(gflops, time.GetProperty("percentOfPeak").GetDouble() * peak / 100, 0.02 * gflops + 0.01 * peak);
                }
                double ratio = pair.GetProperty("ratio").GetDouble();
                Assert.Equal((ratio, ratio), (pair.GetProperty("ratioLow").GetDouble(), pair.GetProperty("ratioHigh").GetDouble()));
            }
            Assert.Equal(JsonValueKind.Null, row.GetProperty("reason").ValueKind);
            Assert.Contains($"{row.GetProperty("layer").GetString()} ", result.Output);
        });
        foreach (string sentence in new[] { "naive", "blocked", "conclusion" })
            Assert.Contains(layouts.GetProperty("verdict").GetProperty(sentence).GetString()!, result.Output);
        Assert.DoesNotContain("squeezenet", result.Output);
    }

    public void Dispose() => workspace.Dispose();
}
