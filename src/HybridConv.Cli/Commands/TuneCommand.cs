using System.CommandLine;
using System.Globalization;
using HybridConv.Cli.Reports;
using HybridConv.Planning;
using HybridConv.Targets;
using HybridConv.Tools;

namespace HybridConv.Cli.Commands;

/// <summary><c>tune</c>: times the kernels that fit a network's steps, and keeps the times for sessions that ask for them.</summary>
internal static class TuneCommand
{
    private const string Auto = "auto", Cpu = "cpu";

    private const double MostSeconds = 86_400;

    public static Command Create(CommonOptions common, Terminal terminal)
    {
        var source = new Argument<string>("MODEL") { Description = ModelSource.Help };
        var output = new Option<string?>("--output", "-o")
        {
            Description = "The file that the times are added to (default: the machine's in the cache folder).",
            HelpName = "FILE",
        };
        var time = new Option<double?>("--time")
        {
            Description = "Seconds that measured runs may take in all (default: 0.2 for cpu, as many as are needed for an OpenCL device).",
            HelpName = "S",
        };
        var shapes = new InputShapes();
        Command command = common.Complete(
            new Command("tune", "Times the kernels that fit a model's own shapes, on the processor or an OpenCL device, and keeps the times to choose by.")
            {
                source, output, time, shapes.Option,
            },
            common.Target, common.Threads, common.Precision, common.Json);
        command.SetAction((parse, cancellation) =>
        {
            string target = parse.GetValue(common.Target)!;
            TimeSpan? most = parse.GetValue(time) is { } seconds ? TimeSpan.FromSeconds(seconds > 0 && seconds < MostSeconds ? seconds
                : throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"--time is more than 0 and less than {MostSeconds}"))) : null;
            SessionOptions options = common.Session(parse, target == Auto ? Cpu : target) with { Progress = new TerminalProgress(terminal, TimeSpan.Zero) };
            using Model model = ModelSource.Load(parse.GetRequiredValue(source));
            using Session session = model.Compile(options);
            TuningReport tuned = session.Tune(shapes.Resolve(parse, session.Inputs), most, cancellation);

            string file = parse.GetValue(output) ?? TunedRows.FileIn(CacheFolder.Of(options), tuned.Device)
                ?? throw new UsageException($"there is no cache folder to keep times in ({CacheFolder.Of(options).WhyNot}); name a file with --output");
            Save(tuned, file);
            TuneReport report = Describe(session.Target, file, tuned);
            string use = parse.GetValue(output) is null ? TunedRows.InCache : file;
            terminal.Report(parse.GetValue(common.Json), report, ReportJson.Default.TuneReport, () => Print(terminal, report, use));
            bool anyWrong = report.Specs.Any(spec => spec.Rows.Any(row => row.Why?.StartsWith(TunedRow.Wrong, StringComparison.Ordinal) == true));
            return Task.FromResult(anyWrong ? ExitCodes.CheckFailed : ExitCodes.Ok);
        });
        return command;
    }

    /// <summary>Adds the times to those of the file.</summary>
    private static void Save(TuningReport tuned, string file)
    {
        TuningTable? table = new();
        if (File.Exists(file))
            table = CacheFolder.ReadFile(file) is { } bytes ? TuningTable.Read(bytes) : null;
        if (table is null)
            throw new UsageException($"'{file}' is there and is no file of times; it is left as it is");
        tuned.AddTo(table);
        if (!CacheFolder.WriteFile(file, table.ToJson()))
            throw new UsageException($"'{file}' cannot be written");
    }

    private static TuneReport Describe(string target, string file, TuningReport tuned) => new(
        target, tuned.Device, file,
        [.. tuned.Specs.Select(spec => new TuneSpecReport(
            spec.Op, spec.Output.ToString(), spec.Spec, spec.Steps,
            spec.Chosen, Microseconds(spec.ChosenNanoseconds), spec.Best?.Row, Microseconds(spec.Best?.Nanoseconds),
            [.. spec.Rows.Select(row => new TuneRowReport(row.Row, Microseconds(row.Nanoseconds), row.Why))]))]);

    /// <param name="terminal">Where to print.</param>
    /// <param name="report">What was measured.</param>
    /// <param name="use">What sessions are told to use the times.</param>
    private static void Print(Terminal terminal, TuneReport report, string use)
    {
        var table = new TextTable("op", "output", ">steps", "taken so far", ">us", "fastest", ">us", ">times as fast");
        foreach (TuneSpecReport spec in report.Specs)
            table.Add(
                spec.Op, spec.Output, spec.Steps.ToString(CultureInfo.InvariantCulture), spec.Chosen, Numbers.Text(spec.ChosenUs, "0.0"),
                spec.Best ?? "none", Numbers.Text(spec.BestUs, "0.0"), Numbers.Text(spec.ChosenUs / spec.BestUs, "0.00"));
        terminal.Write(table);
        foreach ((string kernel, string? why) in report.Specs.SelectMany(spec => spec.Rows).Where(row => row.Why is not null).Select(row => (row.Kernel, row.Why)).Distinct())
            terminal.WriteLine($"{kernel}: {why}");
        TuneSpecReport[] measured = [.. report.Specs.Where(spec => spec is { ChosenUs: not null, BestUs: not null })];
        double? chosen = measured.Sum(spec => spec.Steps * spec.ChosenUs), best = measured.Sum(spec => spec.Steps * spec.BestUs);
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Device}: {chosen:N0} us in the kernels taken so far, {best:N0} us in the fastest."));
        terminal.WriteLine($"Kept in {report.File}; sessions use it with HYBRIDCONV_TUNE={use} or SessionOptions.TuneFile.");
    }

    private static double? Microseconds(double? nanoseconds) => nanoseconds is { } value ? Math.Round(value / 1000, 2) : null;
}
