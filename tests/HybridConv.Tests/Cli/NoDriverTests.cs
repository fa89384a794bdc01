using HybridConv.Cli;
using HybridConv.Testing;
using HybridConv.Testing.Devices;
using Xunit;

namespace HybridConv.Tests.Cli;

/// <summary>
/// The command line in processes for which no OpenCL driver is installed: there is a loader, which finds nothing. Everything that needs no device works, and what
/// is missing is one sentence. A system without a loader differs in that sentence only; <see cref="OpenCL.DeviceCatalogTests"/> has it.
/// </summary>
public sealed class NoDriverTests : IDisposable
{
    private const string Why = "there is an OpenCL loader, but no driver is registered with it";

    private readonly Workspace workspace = new();

    public NoDriverTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Only loaders of Linux are told by a variable where drivers are registered.");
        _ = OpenClDevice.Entry;
        Directory.CreateDirectory(workspace["vendors"]);
    }

    public void Dispose() => workspace.Dispose();

    [Fact]
    public void Devices_says_why()
    {
        string output = Run(ExitCodes.Ok, "devices");
        Assert.Contains("cpu:reference", output);
        Assert.Contains(Why, output);
    }

    [Fact]
    public void Doctor_says_what_to_install()
    {
        string output = Run(ExitCodes.Ok, "doctor");
        Assert.Contains(Why, output);
        Assert.Contains("apt install", output);
    }

    [Fact]
    public void Bench_measures_the_processor_and_says_why_it_measured_nothing_else()
    {
        string output = Run(ExitCodes.Ok, "bench", workspace.Classifier(), "--runs", "1");
        Assert.Contains("net.onnx", output);
        Assert.Contains($"opencl: There is no OpenCL device: {Why}", output);
    }

    [Theory]
    [InlineData("opencl")]
    [InlineData("opencl:0")]
    public void A_named_device_is_missing(string target)
    {
        string output = Run(ExitCodes.Device, [.. Network, "--target", target]);
        string line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"hybridconv: There is no OpenCL device: {Why}", line);
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("auto")]
    public void The_processor_runs_networks(string target) => Assert.DoesNotContain("OpenCL", Run(ExitCodes.Ok, [.. Network, "--target", target]));

    [Fact]
    public void Verify_compares_what_there_is() => Run(ExitCodes.Ok, "verify", workspace.Classifier());

    private string[] Network => ["run", workspace.Relu("relu.onnx"), "--input", $"x={workspace.WriteProto("x.pb", 1, -2, 3, -4)}"];

    private string Run(int exitCode, params string[] arguments)
    {
        (int code, string output) = ChildProcess.Run(typeof(CommandLine).Assembly, arguments, ("OCL_ICD_VENDORS", workspace["vendors"]));
        Assert.True(exitCode == code, $"exit code {code}: {output}");
        Assert.DoesNotContain("   at ", output);
        return output;
    }
}
