using System.CommandLine;
using System.Globalization;
using HybridConv.Cli;
using HybridConv.Cpu;
using HybridConv.Zoo;

namespace HybridConv.Compare;

/// <summary>Measures models with HybridConv and with ONNX Runtime.</summary>
internal static class CompareCommand
{
    private const int LeastRounds = 5, UsualRounds = 7;

    private static readonly TimeSpan TimeForPeak = TimeSpan.FromMilliseconds(300);

    private const string Method =
        "Each engine in its own process on the same processors, both started by .NET. Outputs of the first run are compared. Each process runs until its times are flat, then they take turns: " +
        "in a round, a burst of runs of the one and then of the other, the order alternating. Before a burst, the other process has come to rest: it takes no processor time.";

    public static Command Create(CommonOptions common, Terminal terminal)
    {
        var sources = new Argument<string[]>("MODEL") { Description = "ONNX files or networks of the zoo; without any, all networks of the zoo.", Arity = ArgumentArity.ZeroOrMore };
        var batch = new Option<int>("--batch") { Description = "Pictures per run, where the model leaves that open.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var rounds = new Option<int>("--rounds") { Description = $"Rounds, at least {LeastRounds}.", HelpName = "N", DefaultValueFactory = _ => UsualRounds };
        var peer = new Option<string>("--peer") { Description = "What to measure against.", HelpName = "NAME", DefaultValueFactory = _ => Engines.OnnxRuntime };
        var shapes = new InputShapes();
        Command command = common.Complete(
            new RootCommand("Measures HybridConv against ONNX Runtime: same models, same inputs, outputs compared before anything is timed.") { sources, batch, rounds, peer, shapes.Option },
            common.Threads, common.Precision, common.Json);
        command.Add(WorkerCommand());
        command.SetAction(parse =>
        {
            if (parse.GetValue(peer) is { } name and not Engines.OnnxRuntime)
                throw new UsageException($"the peer '{name}' is not in this build; there is {Engines.OnnxRuntime}");
            if (parse.GetValue(batch) < 1)
                throw new UsageException("--batch is at least 1");
            if (parse.GetValue(rounds) < LeastRounds)
                throw new UsageException($"--rounds is at least {LeastRounds}");
            string[] models = parse.GetValue(sources) is { Length: > 0 } named ? named : [.. Networks.All.Select(network => network.Name)];
            SessionOptions options = common.Session(parse, "cpu");
            int threads = CpuInfo.Current(options.Threads).Threads;
            var comparison = new Comparison(new Processors(threads), threads, options.Precision, parse.GetValue(batch), parse.GetValue(rounds), terminal);
            var rows = new List<CompareRow>();
            foreach (string model in models)
                rows.Add(comparison.Row(model, inputs => shapes.Resolve(parse, inputs, parse.GetValue(batch))));

            double peak = PeakProbe.GigaflopsPerSecond(Knobs.Isa, threads, TimeForPeak);
            CompareReport report = comparison.Report(Machine.Describe(Math.Round(peak, 1)), Method, rows);
            terminal.Report(parse.GetValue(common.Json), report, ReportJson.Default.CompareReport, () => Print(terminal, report));
            return rows.Exists(row => row.Agree == false) ? ExitCodes.CheckFailed : rows.Exists(row => row.Ratio is null) ? ExitCodes.Model : ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>What this program starts itself as, twice per model.</summary>
    private static Command WorkerCommand()
    {
        var job = new Argument<string>("JOB") { Description = "The file that says what to do." };
        var command = new Command(WorkerProcess.Verb, "Serves one engine to the parent process.") { job };
        command.Hidden = true;
        command.SetAction(parse => Worker.Serve(parse.GetValue(job)!, Console.In, Console.Out));
        return command;
    }

    private static void Print(Terminal terminal, CompareReport report)
    {
        var table = new TextTable("model", ">ours ms", ">peer ms", ">least", ">peer", ">ratio", ">quartiles", ">first ms", ">peer", ">load ms", ">peer", ">peak MB", ">peer", ">largest difference");
        foreach (CompareRow row in report.Rows)
            table.Add(row.Model, Text(row.OursMs, "0.00"), Text(row.PeerMs, "0.00"), Text(row.OursMinMs, "0.00"), Text(row.PeerMinMs, "0.00"), Text(row.Ratio, "0.00"),
                row.Ratio is null ? "" : $"{Text(row.RatioLow, "0.00")}-{Text(row.RatioHigh, "0.00")}", Text(row.OursFirstMs, "0.0"), Text(row.PeerFirstMs, "0.0"),
                Text(row.OursLoadMs, "0"), Text(row.PeerLoadMs, "0"), Text(1e-6 * row.OursPeakBytes, "0"), Text(1e-6 * row.PeerPeakBytes, "0"),
                row.Agree == false ? $"WRONG {Text(row.MaxAbsDiff, "0.0e0")}" : Text(row.MaxAbsDiff, "0.0e0"));
        terminal.Write(table);
        foreach (CompareRow row in report.Rows.Where(row => row.Reason is not null))
            terminal.WriteLine($"{row.Model}: {row.Reason}");
        if (report.GeometricMean is { } mean)
            terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Geometric mean of the ratios: {mean:0.000}. A ratio is the peer's time by ours; above 1, HybridConv is faster."));
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Machine.Processor}, {report.Machine.Isa} kernels, threads: {report.Threads}, batch: {report.Batch}; peak of fused multiply-adds measured now: {report.Machine.PeakGflops:0} GFLOP/s."));
        if (report.PeerOptions is { } options)
            terminal.WriteLine($"{report.Peer}: {string.Join(", ", options.Select(option => $"{option.Key} = {option.Value}"))}");
    }

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
