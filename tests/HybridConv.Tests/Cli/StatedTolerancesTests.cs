using HybridConv.Cli.Data;
using Xunit;

namespace HybridConv.Tests.Cli;

public class StatedTolerancesTests
{
    [Fact]
    public void OnlyASetThatStatesAToleranceGetsOne()
    {
        IReadOnlyDictionary<string, double> stated = Read("""
            { "sets": [ { "dir": "test_data_set_0", "expect": "top1=281" },
                        { "dir": "test_data_set_other", "expect": "made by a wider model: compare at 5e-4 absolute (rounding)" },
                        { "dir": "test_data_set_loose", "expect": "compare at 3 absolute" }, 7 ] }
            """);
        KeyValuePair<string, double> only = Assert.Single(stated);
        Assert.Equal(("test_data_set_other", 5e-4), (only.Key, only.Value));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{ \"sets\": 3 }")]
    public void OtherJsonStatesNothing(string json) => Assert.Empty(Read(json));

    [Fact]
    public void NoFileStatesNothing() => Assert.Empty(StatedTolerances.Read(Path.GetTempPath()));

    private static IReadOnlyDictionary<string, double> Read(string json)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "meta.json"), json);
            return StatedTolerances.Read(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
