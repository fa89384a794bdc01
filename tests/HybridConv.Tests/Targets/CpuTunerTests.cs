using HybridConv.Cpu;
using HybridConv.Planning;
using HybridConv.Targets;
using Xunit;

namespace HybridConv.Tests.Targets;

public sealed class CpuTunerTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(100);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv-tuner-");

    private static SessionOptions Options => new() { Target = "cpu", Threads = 1, CacheFolder = CacheFolder.Off };

    public void Dispose() => folder.Delete(recursive: true);

    /// <summary>Two equal convolutions with several rows each, and steps that have one row.</summary>
    private static Model Network()
    {
        var net = new ModelBuilder(seed: 11);
        NetValue x = net.Input("x", 1, 32, 14, 14);
        x.Conv(32, kernel: 3).Relu().Conv(32, kernel: 3).Relu().GlobalAveragePool().Flatten().Dense(3).Softmax().Output("y");
        return net.Build();
    }

    private static TuningReport Tune(TimeSpan time)
    {
        using Model model = Network();
        using Session session = model.Compile(Options);
        return session.Tune(null, time, default);
    }

    private string Write(TuningTable table)
    {
        string file = Path.Combine(folder.FullName, "tune.json");
        File.WriteAllBytes(file, table.ToJson());
        return file;
    }

    [Fact]
    public void Every_spec_is_measured_and_every_row_has_a_time_or_a_reason()
    {
        TuningReport report = Tune(Long);
        Assert.Equal(CpuInfo.Current(1).Name, report.Device);
        TunedSpec conv = report.Specs.First(spec => spec.Op == "Conv");
        Assert.Equal(2, conv.Steps);
        Assert.True(conv.Rows.Count(row => row.Nanoseconds > 0) > 1, "there is nothing to choose from");
        Assert.All(report.Specs, spec =>
        {
            Assert.True(spec.ChosenNanoseconds > 0 && spec.Best is not null, spec.Spec);
            Assert.All(spec.Rows, row => Assert.True(row.Nanoseconds > 0 ^ row.Why is not null));
        });
    }

    [Fact]
    public void What_there_was_no_time_for_is_left_to_prediction()
    {
        TuningReport report = Tune(TimeSpan.Zero);
        Assert.All(report.Specs, spec => Assert.Null(spec.Best));
        Assert.Contains(report.Specs[0].Rows, row => row.Why == "the time was too short to measure it");
        var table = new TuningTable();
        report.AddTo(table);
        Assert.Equal(0, table.Count);
    }

    [Fact]
    public void A_measured_row_beats_predictions_and_gives_the_same_bits()
    {
        SessionOptions options = Options with { Precision = Precision.Reproducible };
        using Model model = Network();
        using Session predicted = model.Compile(options);
        using Run run = predicted.CreateRun();
        Step step = run.Plan.Steps.First(step => step.Node.Op.Name == "Conv" && step.Refused.Any(refused => refused.Fit.Ok));
        string slower = step.Refused.First(refused => refused.Fit.Ok).Kernel;
        var table = new TuningTable();
        table.Set(CpuInfo.Current(1).Name, SpecText.Of(step.Node), slower, 12_300);

        using Session tuned = model.Compile(options with { TuneFile = Write(table) });
        using Run other = tuned.CreateRun();
        Step chosen = other.Plan.Steps.First(s => s.Node.Name == step.Node.Name);
        Assert.Equal((slower, "tuned: measured 12.3 us"), (chosen.Kernel, chosen.Why));
        float[] image = [.. Enumerable.Range(0, 32 * 14 * 14).Select(i => MathF.Sin(i))];
        Assert.Equal(predicted.Run(image), tuned.Run(image));
    }

    [Fact]
    public void Measurements_of_another_number_of_threads_change_nothing()
    {
        using Model model = Network();
        using Session session = model.Compile(Options);
        using Run run = session.CreateRun();
        Step step = run.Plan.Steps.First(step => step.Refused.Any(refused => refused.Fit.Ok));
        var table = new TuningTable();
        table.Set(CpuInfo.Current(3).Name, SpecText.Of(step.Node), step.Refused.First(refused => refused.Fit.Ok).Kernel, 1);
        using Session other = model.Compile(Options with { TuneFile = Write(table) });
        using Run same = other.CreateRun();
        Assert.Equal(run.Plan.Steps.Select(s => s.Kernel), same.Plan.Steps.Select(s => s.Kernel));
    }
}
