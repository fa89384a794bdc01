using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Compare;
using HybridConv.Tools;
using HybridConv.Tools.Data;
using Xunit;

namespace HybridConv.Tests.Compare;

public sealed class ComparisonTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("compare-");

    public void Dispose() => folder.Delete(recursive: true);

    [Theory]
    [InlineData(Engines.Ours)]
    [InlineData(Engines.OnnxRuntime)]
    public void A_worker_answers_every_command_with_one_line(string engine)
    {
        Reply[] replies = Serve(engine, Network(), $"load\nmeasure 1\nprofile\nnonsense\n");
        Loaded loaded = replies[0].Loaded!;
        Assert.Contains(engine, loaded.Engine, StringComparison.Ordinal);
        Assert.NotEmpty(loaded.Options);
        Assert.Equal([1L, 5, 8, 8], Assert.Single(loaded.Outputs).Read().Shape);
        Assert.True(replies[1].Burst!.TimesMs.Length >= 3 && replies[1].Burst!.PeakBytes > 0);
        Assert.Equal(engine == Engines.Ours, replies[2].Kernels is not null);
        Assert.Contains("nonsense", replies[3].Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_an_engine_refuses_is_reported_with_its_reason()
    {
        string file = Path.Combine(folder.FullName, "damaged.onnx");
        File.WriteAllText(file, "no model");
        Assert.All([Engines.Ours, Engines.OnnxRuntime], engine => Assert.NotEmpty(Assert.Single(Serve(engine, file, "load\n")).Error!));
    }

    [Fact]
    public void Agreeing_engines_get_a_ratio_and_every_round_is_kept()
    {
        CompareRow row = Row(OnnxRuntime);
        Assert.True(row.Agree, row.Reason);
        Assert.InRange(row.MaxAbsDiff!.Value, 0, 1e-4);
        Assert.Equal(5, row.Rounds!.Count);
        Assert.True(row.RatioLow <= row.Ratio && row.Ratio <= row.RatioHigh);
        Assert.True(row.OursMs > 0 && row.PeerMs > 0 && row.OursLoadMs > 0 && row.PeerFirstMs > 0 && row.OursPeakBytes > 0);
        Assert.Null(row.PeerVariant);
    }

    [Fact]
    public void Beside_a_ratio_stand_the_one_with_the_same_bits_everywhere_and_the_best_that_there_can_be()
    {
        CompareRow row = Row(OnnxRuntime);
        Assert.True(row.ReproducibleMs > 0 && row.ReproducibleRatio > 0, row.Reason);
        Assert.All(row.Rounds!, round => Assert.NotNull(round.Reproducible));
        Assert.True(row.LeastMs > 0 && row.LeastMs < row.OursMs && row.BestRatio > row.Ratio);
        Assert.Contains(row.Kernels!, kernel => kernel.Kernel.StartsWith("conv.", StringComparison.Ordinal) && kernel.LeastMs > 0 && kernel.Ms > kernel.LeastMs);
    }

    [Theory]
    [InlineData("conv.pointwise.f32.v512.14x32", 1)]
    [InlineData("conv.winograd.f4x3.f32.v512", 0.25)]
    [InlineData("conv.winograd.f2x3.f32.v256", 4.0 / 9)]
    public void Winograds_kernels_multiply_less(string kernel, double multiplies) => Assert.Equal(multiplies, Roofline.MultipliesPerMac(kernel), 1e-12);

    [Fact]
    public void A_peer_of_variants_is_measured_in_one_of_them()
    {
        CompareRow row = Row(OnnxRuntime with { Variants = ["here", "there"] });
        Assert.True(row.Agree, row.Reason);
        Assert.Contains(row.PeerVariant, new[] { "here", "there" });
        Assert.Equal(5, row.Rounds!.Count);
    }

    [Fact]
    public void A_peer_that_cannot_load_leaves_a_row_with_its_reason()
    {
        CompareRow row = Row(OnnxRuntime with { Name = "nobody" });
        Assert.Contains("there is no engine 'nobody'", row.Reason, StringComparison.Ordinal);
        Assert.Null(row.Ratio);
    }

    [Fact]
    public void A_program_that_ends_leaves_a_row_with_its_reason()
    {
        CompareRow row = Row(OnnxRuntime with { Program = typeof(CommandLine).Assembly });
        Assert.Contains($"the process ended with {ExitCodes.Usage}", row.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_has_the_names_that_others_rely_on()
    {
        CompareReport report = Comparison(OnnxRuntime).Report(
            Machine.Describe(), "", [new CompareRow("a", 1, Ratio: 2), new CompareRow("b", 1, Ratio: 0.5), new CompareRow("c", 1, Reason: "unsupported"), new CompareRow("a", 8, Ratio: 8), new CompareRow("a", 32)]);
        JsonElement json = JsonSerializer.SerializeToElement(report, ReportJson.Default.CompareReport);
        Assert.Equal(2, json.GetProperty("geometricMean").GetDouble(), 1e-9);
        Assert.All(["machine", "peer", "threads", "rows"], name => Assert.True(json.TryGetProperty(name, out _), name));
        Assert.All(
            ["model", "batch", "oursMs", "peerMs", "ratio", "ratioLow", "ratioHigh", "maxAbsDiff", "oursFirstMs", "peerFirstMs", "oursLoadMs", "peerLoadMs"],
            name => Assert.True(json.GetProperty("rows")[0].TryGetProperty(name, out _), name));
        Assert.Equal([new BatchMean(1, 1), new BatchMean(8, 8), new BatchMean(32, null)], report.GeometricMeans);
    }

    private static Engine OnnxRuntime => Engines.All[1];

    private static Comparison Comparison(Engine peer) =>
        new(Engines.All[0], peer, new Processors(1), 1, Precision.Fast, rounds: 5, new Terminal(TextWriter.Null, TextWriter.Null, rich: false));

    private CompareRow Row(Engine peer) => Comparison(peer).Row(Network(), batch: 1, inputs => inputs.ToDictionary(input => input.Name, _ => new long[] { 1, 3, 8, 8 }));

    private string Network()
    {
        var net = new ModelBuilder();
        net.Input("image", 1, 3, 8, 8).Conv(5, 3).Relu().Output("features");
        string file = Path.Combine(folder.FullName, "network.onnx");
        using Model model = net.Build();
        model.Save(file);
        return file;
    }

    private Reply[] Serve(string engine, string model, string commands)
    {
        StoredTensor input = StoredTensor.Write(HostTensor.Of<float>("image", [1, 3, 8, 8], new float[192]), Path.Combine(folder.FullName, "input"));
        string job = Path.Combine(folder.FullName, "job.json");
        File.WriteAllText(job, JsonSerializer.Serialize(new Job(engine, "", model, 1, Precision.Fast, [input], folder.FullName), WireJson.Default.Job));
        using var replies = new StringWriter();
        Assert.Equal(ExitCodes.Ok, Worker.Serve(job, Engines.All, new StringReader(commands), replies));
        return [.. replies.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize(line, WireJson.Default.Reply)!)];
    }
}
