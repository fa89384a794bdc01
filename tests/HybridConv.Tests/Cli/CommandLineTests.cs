using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Testing.Devices;
using Xunit;

namespace HybridConv.Tests.Cli;

public class CommandLineTests
{
    [Fact]
    public void Help_names_the_command_and_lists_every_command()
    {
        Result result = Run("--help");
        Assert.Equal(ExitCodes.Ok, result.ExitCode);
        Assert.Contains("hybridconv [command]", result.Output);
        foreach (string command in new[] { "devices", "doctor", "knobs", "inspect", "explain", "run", "bench", "verify", "onnx-test", "zoo" })
            Assert.Contains(command, result.Output);
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("devices --frobnicate")]
    [InlineData("")]
    [InlineData("devices --log loud")]
    [InlineData("run model.onnx --threads many")]
    [InlineData("run model.onnx --threads 1e3")]
    [InlineData("run model.onnx --threads -1")]
    [InlineData("run model.onnx --threads 99999999999")]
    [InlineData("run model.onnx --threads")]
    public void A_wrong_command_line_is_exit_code_2_and_says_why(string arguments)
    {
        Result result = Run(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.StartsWith("hybridconv: ", result.Error);
        Assert.Equal("", result.Output);
        Assert.DoesNotContain("   at ", result.Error);
    }

    [Theory]
    [InlineData("devices", "devices")]
    [InlineData("knobs", "knobs")]
    [InlineData("doctor", "findings")]
    public void Json_on_standard_output_is_all_there_is(string command, string list)
    {
        Result result = Run(command, "--json", "-");
        Assert.Equal(ExitCodes.Ok, result.ExitCode);
        using JsonDocument document = JsonDocument.Parse(result.Output);
        Assert.NotEmpty(document.RootElement.GetProperty(list).EnumerateArray());
    }

    [Fact]
    public void Devices_lists_the_processor_and_every_OpenCL_device_or_why_there_is_none()
    {
        Result result = Run("devices");
        Assert.Contains("cpu:reference", result.Output);
        Assert.Contains(OpenClDevice.IsThere ? OpenClDevice.Entry.Facts.Name : "there is", result.Output);
    }

    [Fact]
    public void Tables_are_plain_text_when_redirected() => Assert.All(Run("knobs").Output, c => Assert.InRange(c, '\n', '~'));

    internal sealed record Result(int ExitCode, string Output, string Error);

    internal static Result Run(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = CommandLine.Run(arguments, new Terminal(output, error, rich: false));
        return new Result(exitCode, output.ToString(), error.ToString());
    }
}
