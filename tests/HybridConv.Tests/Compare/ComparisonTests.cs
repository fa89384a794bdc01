using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Cli.Data;
using HybridConv.Compare;
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
        Reply[] replies = Serve(engine, Network(), $"load\nmeasure 1\nnonsense\n");
        Loaded loaded = replies[0].Loaded!;
        Assert.Contains(engine, loaded.Engine, StringComparison.Ordinal);
        Assert.NotEmpty(loaded.Options);
        Assert.Equal([1L, 5, 8, 8], Assert.Single(loaded.Outputs).Read().Shape);
        Assert.True(replies[1].Burst!.TimesMs.Length >= 5 && replies[1].Burst!.PeakBytes > 0);
        Assert.Contains("nonsense", replies[2].Error, StringComparison.Ordinal);
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
        CompareRow row = Comparison(rounds: 5).Row(Network(), inputs => inputs.ToDictionary(input => input.Name, _ => new long[] { 1, 3, 8, 8 }));
        Assert.True(row.Agree, row.Reason);
        Assert.InRange(row.MaxAbsDiff!.Value, 0, 1e-4);
        Assert.Equal(5, row.Rounds!.Count);
        Assert.True(row.RatioLow <= row.Ratio && row.Ratio <= row.RatioHigh);
        Assert.True(row.OursMs > 0 && row.PeerMs > 0 && row.OursLoadMs > 0 && row.PeerFirstMs > 0 && row.OursPeakBytes > 0);
    }

    [Fact]
    public void The_report_has_the_names_that_others_rely_on()
    {
        CompareReport report = Comparison(rounds: 5).Report(Machine.Describe(), "", [new CompareRow("a", Ratio: 2), new CompareRow("b", Ratio: 0.5), new CompareRow("c", Reason: "unsupported")]);
        JsonElement json = JsonSerializer.SerializeToElement(report, ReportJson.Default.CompareReport);
        Assert.Equal(1, json.GetProperty("geometricMean").GetDouble(), 1e-9);
        Assert.All(["machine", "peer", "threads", "rows"], name => Assert.True(json.TryGetProperty(name, out _), name));
        Assert.All(
            ["model", "oursMs", "peerMs", "ratio", "ratioLow", "ratioHigh", "maxAbsDiff", "oursFirstMs", "peerFirstMs", "oursLoadMs", "peerLoadMs"],
            name => Assert.True(json.GetProperty("rows")[0].TryGetProperty(name, out _), name));
    }

    private static Comparison Comparison(int rounds) => new(new Processors(1), 1, Precision.Fast, batch: 1, rounds, new Terminal(TextWriter.Null, TextWriter.Null, rich: false));

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
        File.WriteAllText(job, JsonSerializer.Serialize(new Job(engine, model, 1, Precision.Fast, [input], folder.FullName), WireJson.Default.Job));
        using var replies = new StringWriter();
        Assert.Equal(ExitCodes.Ok, Worker.Serve(job, new StringReader(commands), replies));
        return [.. replies.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize(line, WireJson.Default.Reply)!)];
    }
}
