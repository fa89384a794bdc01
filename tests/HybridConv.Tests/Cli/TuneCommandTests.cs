using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Testing.Devices;
using Xunit;

namespace HybridConv.Tests.Cli;

public sealed class TuneCommandTests : IDisposable
{
    private readonly Workspace workspace = new();

    public void Dispose() => workspace.Dispose();

    private string Model()
    {
        var net = new ModelBuilder(seed: 3);
        net.Input("image", 1, 8, 12, 12).Conv(16, kernel: 3).Relu().Pointwise(24).Output("y");
        using Model model = net.Build();
        return workspace.Save("net.onnx", model);
    }

    [Fact]
    public void Times_are_added_to_a_file_that_choices_then_rest_on()
    {
        _ = OpenClDevice.Entry;
        string model = Model(), file = workspace["tune.json"];
        JsonElement report = Workspace.Json(ExitCodes.Ok, "tune", model, "--target", "opencl", "--output", file);
        Assert.Equal(file, report.GetProperty("file").GetString());
        JsonElement[] specs = [.. report.GetProperty("specs").EnumerateArray()];
        Assert.Equal(2, specs.Count(spec => spec.GetProperty("op").GetString() == "Conv"));
        Assert.All(specs, spec => Assert.True(spec.GetProperty("bestUs").GetDouble() > 0));
        Assert.Contains("measuring Conv ", Workspace.Run("tune", model, "--target", "opencl", "--output", file).Error);
    }

    [Fact]
    public void A_file_that_is_something_else_is_left_alone()
    {
        _ = OpenClDevice.Entry;
        string file = workspace.Write("notes.txt", "mine"u8);
        Workspace.Refused(ExitCodes.Usage, "is no file of times", "tune", Model(), "--output", file);
        Assert.Equal("mine", File.ReadAllText(file));
    }

    [Fact]
    public void The_processors_kernels_are_measured_and_chosen_by()
    {
        string model = Model(), file = workspace["tune.json"];
        JsonElement report = Workspace.Json(ExitCodes.Ok, "tune", model, "--target", "cpu", "--threads", "1", "--time", "0.05", "--output", file);
        Assert.EndsWith("1 threads", report.GetProperty("device").GetString());
        JsonElement[] convolutions = [.. report.GetProperty("specs").EnumerateArray().Where(spec => spec.GetProperty("op").GetString() == "Conv")];
        Assert.Equal(2, convolutions.Length);
        Assert.All(convolutions, spec => Assert.True(spec.GetProperty("bestUs").GetDouble() > 0));
        string untuned = Workspace.Run("explain", model, "--target", "cpu", "--threads", "1").Output;
        Assert.DoesNotContain("tuned: measured", untuned);
        Assert.Contains("GFLOP/s", untuned);
    }

    [Fact]
    public void Kernels_of_the_reference_are_not_tuned() => Workspace.Refused(ExitCodes.Device, "not chosen by measurements", "tune", Model(), "--target", "cpu:reference");

    [Fact]
    public void The_time_to_tune_is_positive() => Workspace.Refused(ExitCodes.Usage, "--time", "tune", Model(), "--time", "0");

    [Fact]
    public void Starts_are_measured_in_processes_of_their_own()
    {
        JsonElement row = Workspace.Json(ExitCodes.Ok, "bench", Model(), "--targets", "cpu", "--runs", "5", "--starts").GetProperty("rows")[0];
        Assert.True(row.GetProperty("coldStartMs").GetDouble() > row.GetProperty("loadMs").GetDouble());
        Assert.True(row.GetProperty("warmStartMs").GetDouble() > 0);
    }

    [Fact]
    public void Doctor_names_the_cache_folder() =>
        Assert.Contains(Workspace.Json(ExitCodes.Ok, "doctor").GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("subject").GetString() == "cache");
}
