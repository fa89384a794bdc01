using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Compare;
using Xunit;

namespace HybridConv.Tests.Compare;

public class CompareCommandTests
{
    [Fact]
    public void Torch_is_in_another_program_and_its_command_is_said()
    {
        (int code, string error) = Run("--peer", "torch");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("dotnet run -c Release --project bench/HybridConv.Compare.Torch", error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_peer_that_nobody_has_is_refused_with_those_that_there_are()
    {
        (int code, string error) = Run("--peer", "caffe");
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains("'caffe'; there is onnxruntime, torch", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1,")]
    [InlineData("8,many")]
    public void Batches_are_numbers_from_one_up(string batches)
    {
        (int code, string error) = Run("--batch", batches);
        Assert.Equal(ExitCodes.Usage, code);
        Assert.Contains($"--batch {batches}", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_batch_has_its_rows_and_its_mean()
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("compare-");
        try
        {
            string json = Path.Combine(folder.FullName, "report.json");
            (int code, string error) = Run("nin-cifar10", "--batch", "2,1", "--threads", "1", "--rounds", "5", "--json", json);
            Assert.True(code == ExitCodes.Ok, error);
            CompareReport report = JsonSerializer.Deserialize(File.ReadAllText(json), ReportJson.Default.CompareReport)!;
            Assert.Equal([("nin-cifar10", 2), ("nin-cifar10", 1)], report.Rows.Select(row => (row.Model, row.Batch)));
            Assert.Equal([new BatchMean(2, report.Rows[0].Ratio), new BatchMean(1, report.Rows[1].Ratio)], report.GeometricMeans);
            Assert.All(report.Rows, row => Assert.True(row.Agree, row.Reason));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static (int Code, string Error) Run(params string[] arguments)
    {
        using var error = new StringWriter();
        int code = CommandLine.Run(arguments, new Terminal(TextWriter.Null, error, rich: false), (common, terminal) => CompareCommand.Create(common, terminal, Engines.All));
        return (code, error.ToString());
    }
}
