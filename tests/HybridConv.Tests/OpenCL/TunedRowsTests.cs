using HybridConv.Cl;
using HybridConv.Ops;
using HybridConv.Planning;
using HybridConv.Targets;
using HybridConv.Testing;
using HybridConv.Testing.Devices;
using Xunit;

namespace HybridConv.Tests.OpenCL;

public sealed class TunedRowsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv-tuned-");
    private readonly Warnings warnings = [];

    private SessionOptions Options => new() { CacheFolder = Path.Combine(folder.FullName, "cache"), LoggerFactory = warnings, SelfTest = false };

    private string TuneFile => Path.Combine(folder.FullName, "tune.json");

    private static string Device => OpenClDevice.Entry.Facts.Name;

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>The name of a row that fits and is not chosen, and the spec.</summary>
    private (string Row, string Spec) Slower()
    {
        using var network = new DeviceNetwork(Options);
        return (network.Step.Refused.First(refused => refused.Fit.Ok).Kernel, SpecText.Of(network.Step.Node));
    }

    private void Write(params (string Spec, string Row, double Nanoseconds)[] times)
    {
        var table = new TuningTable();
        foreach ((string spec, string row, double nanoseconds) in times)
            table.Set(Device, spec, row, nanoseconds);
        File.WriteAllBytes(TuneFile, table.ToJson());
    }

    [Fact]
    public void A_measured_row_beats_predictions_and_explain_says_so()
    {
        (string row, string spec) = Slower();
        Write((spec, row, 12_300), (spec, "a row of old", 1));
        using var network = new DeviceNetwork(Options with { TuneFile = TuneFile });
        Assert.Equal(row, network.Step.Kernel);
        Assert.Equal("tuned: measured 12.3 us", network.Step.Why);
        Assert.Contains(network.Step.Refused, refused => refused.Why == "it was not measured, and other rows were");
        Assert.Equal(network.Expected(), network.Run());
    }

    [Fact]
    public void Measurements_of_other_specs_change_nothing()
    {
        (string row, string spec) = Slower();
        Write(("another " + spec, row, 1), (spec, "a row that does not fit", 1));
        using var network = new DeviceNetwork(Options with { TuneFile = TuneFile });
        Assert.NotEqual(row, network.Step.Kernel);
        Assert.StartsWith("predicted ", network.Step.Why);
    }

    [Fact]
    public void A_named_file_that_is_not_there_is_an_error()
    {
        _ = OpenClDevice.Entry;
        Assert.Contains(TuneFile, Assert.Throws<ConfigurationException>(() => new DeviceNetwork(Options with { TuneFile = TuneFile }).Dispose()).Message);
    }

    [Fact]
    public void A_file_that_is_no_table_is_warned_of_and_not_used()
    {
        File.WriteAllText(TuneFile, "{");
        using var network = new DeviceNetwork(Options with { TuneFile = TuneFile });
        Assert.Contains(TuneFile, Assert.Single(warnings));
        Assert.StartsWith("predicted ", network.Step.Why);
    }

    [Fact]
    public void The_cache_has_a_file_for_each_device_which_need_not_be_there()
    {
        SessionOptions options = Options with { TuneFile = TunedRows.InCache };
        using (var before = new DeviceNetwork(options))
            Assert.StartsWith("predicted ", before.Step.Why);
        (string row, string spec) = Slower();
        Write((spec, row, 12_300));
        CacheFolder.WriteFile(TunedRows.FileIn(CacheFolder.Of(options), Device)!, File.ReadAllBytes(TuneFile));
        using var network = new DeviceNetwork(options);
        Assert.Equal(row, network.Step.Kernel);
        using var another = new DeviceNetwork(Options);
        Assert.StartsWith("predicted ", another.Step.Why);
    }

    [Fact]
    public void Tables_that_ship_are_of_the_device_in_their_name_and_of_rows_that_there_are()
    {
        HashSet<string> rows = [.. OpTable.Ops.SelectMany(DeviceRows)];
        foreach (string path in Repository.Files().Where(file => file.StartsWith("opencl/tuned/", StringComparison.Ordinal)))
        {
            var table = TuningTable.Read(File.ReadAllBytes(Repository.PathTo(path)));
            string device = Assert.Single(table!.Devices);
            Assert.Equal(path, "opencl/tuned/" + TunedRows.FileName(device));
            Assert.All(table.Rows(device), row => Assert.Contains(row, rows));
        }
    }

    [Fact]
    public void Every_row_that_answers_rightly_is_timed_and_no_other()
    {
        string source = DeviceNetwork.Source;
        using var network = new DeviceNetwork(Options, (name, text) => name == source ? "#define fma(a, b, c) ((c) - (a) * (b))\n" + text : text);
        string[] fitting = [network.Step.Kernel, .. network.Step.Refused.Where(refused => refused.Fit.Ok).Select(refused => refused.Kernel)];
        TunedSpec conv = Assert.Single(network.Tune(Options).Specs, spec => spec.Op == "Conv");
        Assert.Equal(fitting.Order(), conv.Rows.Select(row => row.Row).Order());
        Assert.Equal(network.Step.Kernel, conv.Chosen);
        Assert.Null(conv.ChosenNanoseconds);
        Assert.StartsWith("wrong: ", conv.Rows.Single(row => row.Row == conv.Chosen).Why);
        Assert.NotEqual(conv.Chosen, conv.Best!.Row);
        Assert.All(conv.Rows, row => Assert.True(row.Nanoseconds > 0 ^ row.Why is not null));
    }

    private static IEnumerable<string> DeviceRows(Op op)
    {
        foreach (Type table in op.GetType().GetInterfaces().Where(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(ITable<,>) && i.GenericTypeArguments[1] == typeof(ClDevice)))
            foreach (object row in (System.Collections.IEnumerable)table.GetProperty(nameof(ITable<,>.Rows))!.GetValue(op)!)
                yield return (string)row.GetType().GetProperty("Name")!.GetValue(row)!;
    }
}
