using System.CommandLine;
using System.Globalization;
using HybridConv.Cli;
using HybridConv.Cpu;
using HybridConv.Tools;
using HybridConv.Zoo;

namespace HybridConv.Compare;

/// <summary>Measures models with HybridConv and with a peer.</summary>
internal static class CompareCommand
{
    private const int LeastRounds = 5, UsualRounds = 7;

    /// <summary>Kernels that are named as what stands between a network and its roofline.</summary>
    private const int NamedGaps = 3;

    private static readonly TimeSpan TimeForPeak = TimeSpan.FromMilliseconds(300);

    private const string Method =
        "Each engine in its own process on the same processors, all started by .NET. Outputs of the first run are compared. " +
        "Each process runs until its times are flat, then they take turns: " +
        "in a round, a burst of runs of each, the order rotating; HybridConv takes part once more with the same bits on every machine. " +
        "The roofline is each step's multiply-adds at the peak, or its weights at the memory's bandwidth, measured in HybridConv's process after the rounds. " +
        "Before a burst, the other processes have come to rest: they take no processor time. " +
        "Of a peer that has variants, each in a process of its own, the one whose fastest of three bursts is the fastest goes into the rounds.";

    /// <param name="common">Options of every command.</param>
    /// <param name="terminal">Takes the report.</param>
    /// <param name="engines">HybridConv, and its peers; the last one is measured when none is named.</param>
    public static Command Create(CommonOptions common, Terminal terminal, IReadOnlyList<Engine> engines)
    {
        var sources = new Argument<string[]>("MODEL")
        {
            Description = "ONNX files or networks of the zoo; without any, all networks of the zoo.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var batches = new Option<string>("--batch")
        {
            Description = "Pictures per run, where the model leaves that open; several separated by commas.",
            HelpName = "N,N",
            DefaultValueFactory = _ => "1",
        };
        var rounds = new Option<int>("--rounds") { Description = $"Rounds, at least {LeastRounds}.", HelpName = "N", DefaultValueFactory = _ => UsualRounds };
        var peer = new Option<string>("--peer") { Description = "What to measure against.", HelpName = "NAME", DefaultValueFactory = _ => engines[^1].Name };
        var shapes = new InputShapes();
        Command command = common.Complete(
            new RootCommand("Measures HybridConv against another engine: same models, same inputs, outputs compared before anything is timed.")
            {
                sources, batches, rounds, peer, shapes.Option,
            },
            common.Threads, common.Precision, common.Json);
        command.Add(WorkerCommand(engines));
        command.SetAction(parse =>
        {
            Engine other = engines.Peer(parse.GetValue(peer)!);
            int[] pictures = Batches(parse.GetValue(batches)!);
            if (parse.GetValue(rounds) < LeastRounds)
                throw new UsageException($"--rounds is at least {LeastRounds}");
            string[] models = parse.GetValue(sources) is { Length: > 0 } named ? named : [.. Networks.All.Select(network => network.Name)];
            SessionOptions options = common.Session(parse, "cpu");
            int threads = CpuInfo.Current(options.Threads).Threads;
            var comparison = new Comparison(engines[0], other, new Processors(threads), threads, options.Precision, parse.GetValue(rounds), terminal);
            var rows = new List<CompareRow>();
            foreach (int batch in pictures)
                foreach (string model in models)
                    rows.Add(comparison.Row(model, batch, inputs => shapes.Resolve(parse, inputs, batch)));

            double peak = PeakProbe.GigaflopsPerSecond(Knobs.Isa, threads, TimeForPeak);
            CompareReport report = comparison.Report(Machine.Describe(Math.Round(peak, 1)), Method, rows);
            terminal.Report(parse.GetValue(common.Json), report, ReportJson.Default.CompareReport, () => Print(terminal, report));
            return rows.Exists(row => row.Agree == false) ? ExitCodes.CheckFailed : rows.Exists(row => row.Ratio is null) ? ExitCodes.Model : ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>What this program starts itself as, once per model and engine.</summary>
    private static Command WorkerCommand(IReadOnlyList<Engine> engines)
    {
        var job = new Argument<string>("JOB") { Description = "The file that says what to do." };
        var command = new Command(WorkerProcess.Verb, "Serves one engine to the parent process.") { job };
        command.Hidden = true;
        command.SetAction(parse => Worker.Serve(parse.GetValue(job)!, engines, Console.In, Console.Out));
        return command;
    }

    /// <exception cref="UsageException">One is no number, or less than 1; or there is none.</exception>
    private static int[] Batches(string text)
    {
        int[] batches = [.. text.Split(',', StringSplitOptions.TrimEntries)
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int batch) ? batch : 0).Distinct()];
        return batches.All(batch => batch > 0) ? batches : throw new UsageException($"--batch {text}: numbers from 1 up are wanted, separated by commas");
    }

    private static void Print(Terminal terminal, CompareReport report)
    {
        bool variants = report.Rows.Any(row => row.PeerVariant is not null);
        var table = new TextTable([
            "model", ">batch", ">ours ms", ">peer ms", ">least", ">peer", ">ratio", ">quartiles", ">reproducible", ">roofline", ">first ms", ">peer",
            ">load ms", ">peer", ">peak MB", ">peer", ">largest difference", .. variants ? (string[])["variant"] : []]);
        foreach (CompareRow row in report.Rows)
            table.Add([row.Model, $"{row.Batch}", Text(row.OursMs, "0.00"), Text(row.PeerMs, "0.00"), Text(row.OursMinMs, "0.00"), Text(row.PeerMinMs, "0.00"),
                Text(row.Ratio, "0.00"), row.Ratio is null ? "" : $"{Text(row.RatioLow, "0.00")}-{Text(row.RatioHigh, "0.00")}", Text(row.ReproducibleRatio, "0.00"), Text(row.BestRatio, "0.00"),
                Text(row.OursFirstMs, "0.0"), Text(row.PeerFirstMs, "0.0"), Text(row.OursLoadMs, "0"), Text(row.PeerLoadMs, "0"),
                Text(1e-6 * row.OursPeakBytes, "0"), Text(1e-6 * row.PeerPeakBytes, "0"),
                row.Agree == false ? $"WRONG {Text(row.MaxAbsDiff, "0.0e0")}" : Text(row.MaxAbsDiff, "0.0e0"),
                .. variants ? (string[])[row.PeerVariant ?? ""] : []]);
        terminal.Write(table);
        foreach (CompareRow row in report.Rows.Where(row => row.Reason is not null))
            terminal.WriteLine($"{row.Model}, batch {row.Batch}: {row.Reason}");
        CompareRow[] profiled = [.. report.Rows.Where(row => row.Kernels is not null)];
        if (profiled.Length > 0)
            terminal.WriteLine("Reproducible is the ratio with the same bits on every machine, roofline the best that the machine allows. What takes more than its roofline:");
        foreach (CompareRow row in profiled)
            terminal.WriteLine($"{row.Model}, batch {row.Batch}: {Text(row.LeastMs, "0.00")} ms at the least; {Gaps(row.Kernels!)}");
        foreach (BatchMean batch in report.GeometricMeans)
            if (batch.GeometricMean is { } mean)
                terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Geometric mean of the ratios at batch {batch.Batch}: {mean:0.000}. ") +
                    "A ratio is the peer's time by ours; above 1, HybridConv is faster.");
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Machine.Processor}, {report.Machine.Isa} kernels, threads: {report.Threads}; ") + string.Create(CultureInfo.InvariantCulture,
            $"peak of fused multiply-adds measured now: {report.Machine.PeakGflops:0} GFLOP/s."));
        if (report.PeerOptions is { } options)
            terminal.WriteLine($"{report.Peer}: {string.Join(", ", options.Select(option => $"{option.Key} = {option.Value}"))}");
    }

    /// <summary>The kernels that are furthest from their roofline, in all their steps together.</summary>
    private static string Gaps(IReadOnlyList<KernelShare> kernels) => string.Join(", ", kernels.OrderByDescending(kernel => kernel.Ms - kernel.LeastMs).Take(NamedGaps)
        .Select(kernel => $"{kernel.Kernel} +{Text(kernel.Ms - kernel.LeastMs, "0.00")} ms"));

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "";
}
