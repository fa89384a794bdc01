using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Testing;
using HybridConv.Testing.Devices;
using HybridConv.Zoo;
using Xunit;

namespace HybridConv.Tests.Cli;

/// <summary>Commands that look at models: inspect, explain, verify, bench, zoo.</summary>
public sealed class ModelCommandTests : IDisposable
{
    private readonly Workspace workspace = new();

    [Fact]
    public void Inspect_reports_edges_operators_and_parameters()
    {
        JsonElement report = Workspace.Json(ExitCodes.Ok, "inspect", workspace.Classifier());
        Assert.Equal(["1", "3", "8", "8"], report.GetProperty("inputs")[0].GetProperty("shape").EnumerateArray().Select(dim => dim.GetString()));
        Assert.Equal("float32", report.GetProperty("inputs")[0].GetProperty("type").GetString());
        Assert.Equal(4 * 3 * 9 + 4 + 6 * 4 + 6, report.GetProperty("parameters").GetInt64());
        Assert.Equal(1, report.GetProperty("ops").GetProperty("Conv").GetInt32());
    }

    [Fact]
    public void Explain_lists_every_step_with_its_kernel_and_the_refused_ones()
    {
        JsonElement report = Workspace.Json(ExitCodes.Ok, "explain", workspace.Classifier(), "--target", "cpu");
        Assert.Equal("cpu", report.GetProperty("target").GetString());
        Assert.Equal(4 * 27 * 64 + 24, report.GetProperty("macs").GetInt64());
        Assert.Equal(4 * 27 + 4 + 24 + 6, report.GetProperty("parameters").GetInt64());
        Assert.True(report.GetProperty("arenaBytes").GetInt64() > 0);
        Assert.True(report.GetProperty("weightBytes").GetInt64() > 0);
        JsonElement[] steps = [.. report.GetProperty("steps").EnumerateArray()];
        Assert.Contains(steps, step => step.GetProperty("op").GetString() == "Conv" && step.GetProperty("kernel").GetString()!.StartsWith("conv.", StringComparison.Ordinal));
        Assert.All(steps, step =>
        {
            foreach (string name in new[] { "node", "op", "kernel", "why" })
                Assert.NotEqual("", step.GetProperty(name).GetString());
            Assert.All(step.GetProperty("refused").EnumerateArray(), refused => Assert.NotEqual("", refused.GetProperty("why").GetString()));
        });
    }

    [Fact]
    public void Explain_measures_every_step_that_moves_data_unless_told_not_to()
    {
        string model = workspace.Classifier();
        JsonElement[] steps = [.. Workspace.Json(ExitCodes.Ok, "explain", model, "--target", "cpu").GetProperty("steps").EnumerateArray()];
        JsonElement conv = steps.First(step => step.GetProperty("op").GetString() == "Conv").GetProperty("time");
        Assert.True(conv.GetProperty("us").GetDouble() > 0);
        Assert.True(conv.GetProperty("gflops").GetDouble() > 0);
        Assert.InRange(conv.GetProperty("percentOfRoofline").GetDouble(), 0, 150);
        Assert.All(steps, step => Assert.Equal(step.GetProperty("kernel").GetString() == "view", step.GetProperty("time").ValueKind == JsonValueKind.Null));
        Assert.Contains("% of roofline", Workspace.Run("explain", model, "--target", "cpu").Output);

        JsonElement planned = Workspace.Json(ExitCodes.Ok, "explain", model, "--target", "cpu", "--no-measure");
        Assert.All(planned.GetProperty("steps").EnumerateArray(), step => Assert.Equal(JsonValueKind.Null, step.GetProperty("time").ValueKind));
        Assert.Equal(JsonValueKind.Null, planned.GetProperty("unmeasured").ValueKind);
    }

    [Fact]
    public void Explain_says_why_a_model_was_not_measured()
    {
        // Made-up indices are ones, and there is one row.
        OnnxFile file = new OnnxFile().Input("x", ElementType.Float32, 1, 3).Input("rows", ElementType.Int64, 2).Output("y", ElementType.Float32).Node("Gather", ["x", "rows"], ["y"]);
        JsonElement report = Workspace.Json(ExitCodes.Ok, "explain", workspace.Write("gather.onnx", file.ToArray()), "--target", "cpu");
        Assert.StartsWith("the network does not run on made-up numbers: ", report.GetProperty("unmeasured").GetString());
        Assert.Single(report.GetProperty("steps").EnumerateArray());
    }

    [Fact]
    public void Explain_needs_the_shapes_that_a_model_leaves_open()
    {
        var net = new ModelBuilder();
        net.Input("x", Dimension.Open("N"), 3, 8, 8).Conv(4, kernel: 3).Output("y");
        using Model model = net.Build();
        string path = workspace.Save("open.onnx", model);
        long one = Workspace.Json(ExitCodes.Ok, "explain", path).GetProperty("macs").GetInt64();
        Assert.Equal(5 * one, Workspace.Json(ExitCodes.Ok, "explain", path, "--shape", "x=5,3,8,8").GetProperty("macs").GetInt64());
        Workspace.Refused(ExitCodes.Usage, "no input 'y'", "explain", path, "--shape", "y=1");
        Workspace.Refused(ExitCodes.Usage, "NAME=N,N", "explain", path, "--shape", "x:1");
    }

    [Fact]
    public void Verify_compares_whole_outputs_and_names_the_worst_node()
    {
        JsonElement report = Workspace.Json(ExitCodes.Ok, "verify", workspace.Classifier(), "--targets", "cpu");
        Assert.Equal("net.onnx", report.GetProperty("model").GetString());
        JsonElement pair = Assert.Single(report.GetProperty("pairs").EnumerateArray());
        Assert.Equal(("cpu", "cpu:reference"), (pair.GetProperty("a").GetString(), pair.GetProperty("b").GetString()));
        Assert.True(pair.GetProperty("withinBound").GetBoolean());
        Assert.True(pair.GetProperty("maxAbsError").GetDouble() < 1e-6);
        Assert.True(pair.TryGetProperty("maxRelError", out _) && pair.TryGetProperty("bitwiseEqual", out _) && pair.TryGetProperty("worstNode", out _));
    }

    [Fact]
    public void Explain_says_what_sampled_verification_does_not_check()
    {
        JsonElement report = Workspace.Json(ExitCodes.Ok, "explain", workspace.Classifier(), "--target", "cpu", "--verify", "sampled");
        Assert.All(report.GetProperty("steps").EnumerateArray(), step => Assert.Equal(JsonValueKind.Null, step.GetProperty("unverified").ValueKind));
        OnnxFile file = new OnnxFile().Input("x", ElementType.Float32, 5, 3).Input("rows", ElementType.Int64, 2).Output("y", ElementType.Float32).Node("Gather", ["x", "rows"], ["y"]);
        string path = workspace.Write("gather.onnx", file.ToArray());
        JsonElement gather = Assert.Single(Workspace.Json(ExitCodes.Ok, "explain", path, "--target", "cpu", "--verify", "sampled").GetProperty("steps").EnumerateArray());
        Assert.Contains("int64", gather.GetProperty("unverified").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sampled"), InlineData("full")]
    public void Bench_measures_runs_that_check_themselves(string verify)
    {
        JsonElement report = Workspace.Json(ExitCodes.Ok, "bench", workspace.Classifier(), "--targets", "cpu", "--runs", "3", "--verify", verify);
        JsonElement row = Assert.Single(report.GetProperty("rows").EnumerateArray());
        Assert.True(row.GetProperty("withinBound").GetBoolean());
        Assert.Equal(JsonValueKind.Number, row.GetProperty("verifyPercent").ValueKind);
        Workspace.Refused(ExitCodes.Usage, "sometimes", "bench", workspace.Classifier(), "--verify", "sometimes");
    }

    [Fact]
    public void Verify_with_an_empty_list_of_targets_is_refused() =>
        Workspace.Refused(ExitCodes.Usage, "names no target", "verify", workspace.Classifier(), "--targets", ",,");

    [Fact]
    public void Bench_has_numbers_for_targets_that_are_there_and_reasons_for_others()
    {
        JsonElement report = Workspace.Json(ExitCodes.Ok, "bench", workspace.Classifier(), "--runs", "1", "--threads", "2", "--layouts");
        Assert.True(report.GetProperty("machine").GetProperty("peakGflops").GetDouble() > 0);
        JsonElement[] rows = [.. report.GetProperty("rows").EnumerateArray()];
        string?[] device = OpenClDevice.IsThere ? [OpenClDevice.Entry.Target, OpenClDevice.Entry.Target] : ["opencl"], layouts = OpenClDevice.IsThere ? ["nchw", "nhwc"] : [null];
        Assert.Equal(["cpu", "cpu", .. device], rows.Select(row => row.GetProperty("target").GetString()));
        Assert.Equal(["nchw", "nhwc", .. layouts], rows.Select(row => row.GetProperty("layout").GetString()));
        Assert.NotEmpty(report.GetProperty("layouts").GetProperty("rows").EnumerateArray());
        Assert.All(rows.Where(row => row.GetProperty("layout").GetString() is not null), row =>
        {
            foreach (string name in new[] { "loadMs", "firstMs", "minMs", "medianMs", "p95Ms", "gflops", "percentOfPeak", "arenaBytes" })
                Assert.True(row.GetProperty(name).GetDouble() >= 0, name);
            Assert.Equal(row.GetProperty("target").GetString() == "cpu" ? 2 : 1, row.GetProperty("threads").GetInt32());
            Assert.True(row.GetProperty("maxAbsDiffToReference").GetDouble() < 1e-6);
        });
        if (!OpenClDevice.IsThere)
            Assert.Contains("install", rows[2].GetProperty("reason").GetString());
    }

    [Fact]
    public void Zoo_writes_a_network_that_is_read_again()
    {
        Assert.Equal(Networks.All.Select(network => network.Name), Workspace.Json(ExitCodes.Ok, "zoo").GetProperty("networks").EnumerateArray().Select(n => n.GetProperty("name").GetString()));
        string path = workspace["s.onnx"];
        Assert.Equal(ExitCodes.Ok, Workspace.Run("zoo", "squeezenet1.1", "-o", path, "--batch", "2", "--size", "64,96", "--classes", "10", "--seed", "5").ExitCode);
        using Model model = Model.Load(path);
        Assert.Equal("image: float32[2,3,64,96]", Assert.Single(model.Inputs).ToString());
        Assert.Equal("logits: float32[2,10]", Assert.Single(model.Outputs).ToString());
        Workspace.Refused(ExitCodes.Usage, "no network 'alexnet'", "zoo", "alexnet", "-o", path);
        Workspace.Refused(ExitCodes.Usage, "-o FILE", "zoo", "resnet18");
        Workspace.Refused(ExitCodes.Usage, "H,W", "zoo", "resnet18", "-o", path, "--size", "64");
    }

    public void Dispose() => workspace.Dispose();
}
