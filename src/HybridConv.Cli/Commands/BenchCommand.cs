using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using HybridConv.Cli.Data;
using HybridConv.Cli.LayoutClaim;
using HybridConv.Cli.Reports;
using HybridConv.Cpu;
using HybridConv.Planning;
using HybridConv.Targets;
using HybridConv.Tools;
using HybridConv.Tools.Data;

namespace HybridConv.Cli.Commands;

/// <summary><c>bench</c>: how fast models run on targets, and whether the answers are right; what the layout of images is worth.</summary>
internal static class BenchCommand
{
    /// <summary>What is measured when nothing is named: small enough that the references, too, are there within two minutes.</summary>
    private static readonly string[] BuiltIn = ["squeezenet1.1", "mobilenetv2", "resnet18"];

    private static readonly TimeSpan TimePerRow = TimeSpan.FromSeconds(3), TimeForPeak = TimeSpan.FromMilliseconds(300);

    private static readonly TimeSpan NoticeableStep = TimeSpan.FromMicroseconds(200);

    private const int ProfiledRuns = 3, SlowerThanPredicted = 5;

    private const string Oracle = "cpu:reference";

    public static Command Create(CommonOptions common, Terminal terminal)
    {
        var sources = new Argument<string[]>("MODEL")
        {
            Description = "ONNX files or networks of the zoo; without any and without --layouts, three small ones of the zoo.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var runs = new Option<int?>("--runs")
        {
            Description = "Runs per row, after two that are not counted (default: as many as take three seconds); rounds of --layouts, of one run each.",
            HelpName = "N",
        };
        var layouts = new Option<bool>("--layouts")
        {
            Description = "Compares pointwise layers channels-last and channels-first, as naive loops and as blocked GEMMs, on one thread. " +
                "Models that are named run also on pictures given and taken channels-last.",
        };
        var steps = new Option<bool>("--steps") { Description = "Also measures every step alone: its kernel, its share of the target's peaks of multiply-adds and of memory bandwidth." };
        var starts = new Option<bool>("--starts") { Description = "Also measures, in processes of their own, the start to the first answer: with empty caches, and with what the first start left there." };
        var against = new Option<string>("--against")
        {
            Description = "The target that results are checked against; cpu where a reference in double precision would take too long.",
            HelpName = "T",
            DefaultValueFactory = _ => Oracle,
        };
        var shapes = new InputShapes();
        Command command = common.Complete(
            new Command("bench", "Measures models on every target and checks each against cpu:reference.") { sources, runs, layouts, steps, starts, against, shapes.Option },
            common.Targets, common.Threads, common.Precision, common.Verify, common.Json);
        command.SetAction(parse =>
        {
            if (parse.GetValue(runs) < 1)
                throw new UsageException("--runs is at least 1");
            bool compareLayouts = parse.GetValue(layouts);
            string[] models = parse.GetValue(sources) is { Length: > 0 } named ? named : compareLayouts ? [] : BuiltIn;
            IReadOnlyList<string> targets = common.TargetNames(parse, [.. TargetList.Known.Where(target => target.Name != Oracle).Select(target => target.Name)]);
            int threads = CpuInfo.Current(common.Session(parse, "cpu").Threads).Threads;
            terminal.Progress($"measuring the peak of multiply-adds, threads: {threads}");
            double peak = PeakProbe.GigaflopsPerSecond(Knobs.Isa, threads, TimeForPeak);

            var rows = new List<BenchRow>();
            StepBench? stepBench = parse.GetValue(steps) ? new StepBench() : null;
            var peaks = new TargetPeaks(terminal);
            foreach (string source in models)
                rows.AddRange(new ModelBench(source, peaks, stepBench, parse.GetValue(runs), parse.GetValue(starts), parse.GetValue(against)!, terminal).Rows(
                    [.. targets.Select(target => common.Session(parse, target))], compareLayouts, model => shapes.Resolve(parse, model.Inputs)));
            LayoutsReport? comparison = compareLayouts ? new ClaimBench(parse.GetValue(runs), terminal).Measure(ClaimLayer.Published) : null;
            var report = new BenchReport(Machine.Describe(Math.Round(peak, 1)), rows, comparison, stepBench?.Rows, parse.GetValue(against)!, Devices(rows));
            terminal.Report(parse.GetValue(common.Json), report, ReportJson.Default.BenchReport, () => Print(terminal, report));
            return rows.Count > 0 && rows.TrueForAll(row => row.MedianMs is null) ? ExitCodes.Device : IsWrong(report) ? ExitCodes.CheckFailed : ExitCodes.Ok;
        });
        return command;
    }

    private static Dictionary<string, string>? Devices(List<BenchRow> rows)
    {
        HashSet<string> measured = [.. rows.Where(row => row.MedianMs is not null).Select(row => row.Target)];
        Dictionary<string, string> devices = TargetList.Known.Where(target => measured.Contains(target.Name) && target.Identity.Length > 0).ToDictionary(target => target.Name, target => target.Identity);
        return devices.Count == 0 ? null : devices;
    }

    private static bool IsWrong(BenchReport report) =>
        report.Rows.Any(row => row.WithinBound == false) || report.Layouts?.Rows.Any(row => row.Reason is not null) == true;

    /// <summary>The rows of one model. The reference is computed once.</summary>
    private sealed class ModelBench(string source, TargetPeaks peaks, StepBench? steps, int? runs, bool starts, string against, Terminal terminal)
    {
        private readonly string name = ModelSource.Name(source);

        private HostTensor[]? reference;

        public IEnumerable<BenchRow> Rows(SessionOptions[] targets, bool layouts, Func<Model, IReadOnlyDictionary<string, long[]>> resolve)
        {
            foreach (SessionOptions target in targets)
            {
                BenchRow row = RowOrReason(target, resolve);
                yield return row;
                if (layouts && row.MedianMs is not null)
                    yield return Row(target with { InputLayout = ImageLayout.ChannelsLast, OutputLayout = ImageLayout.ChannelsLast }, resolve);
            }
        }

        private BenchRow RowOrReason(SessionOptions options, Func<Model, IReadOnlyDictionary<string, long[]>> resolve)
        {
            try
            {
                return Row(options, resolve);
            }
            catch (DeviceException e) when (e.Code == ErrorCode.NoSuchTarget)
            {
                return new BenchRow(name, options.Target, Reason: e.Message);
            }
        }

        private HostTensor[] Reference(SessionOptions options, Func<Model, IReadOnlyDictionary<string, long[]>> resolve)
        {
            terminal.Progress($"{name}: computing what is right on {against}");
            using Model model = ModelSource.Load(source);
            IReadOnlyDictionary<string, long[]> shapes = resolve(model);
            using Session session = model.Compile(options with { Target = against, Verify = Verify.Off, InputLayout = ImageLayout.AsDeclared, OutputLayout = ImageLayout.AsDeclared });
            using Run run = session.CreateRun(shapes);
            Fill(run, RunTensors.Seeded(model.Inputs, shapes));
            run.Execute();
            return run.ReadAll(session);
        }

        private BenchRow Row(SessionOptions options, Func<Model, IReadOnlyDictionary<string, long[]>> resolve)
        {
            bool channelsLast = options.InputLayout == ImageLayout.ChannelsLast;
            long began = Stopwatch.GetTimestamp();
            using Model model = ModelSource.Load(source);
            IReadOnlyDictionary<string, long[]> shapes = resolve(model);
            using Session session = model.Compile(options with { InputShapes = shapes.ToDictionary(pair => pair.Key, pair => channelsLast ? Layouts.ChannelsLast(pair.Value) : pair.Value) });
            using Run run = session.CreateRun();
            double load = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
            terminal.Progress($"{name}: measuring on {session.Target}{(channelsLast ? ", channels-last" : "")}");

            HostTensor[] inputs = RunTensors.Seeded(model.Inputs, shapes);
            Fill(run, channelsLast ? Array.ConvertAll(inputs, Layouts.ChannelsLast) : inputs);
            Measurement times = Measurement.Of(run, runs, TimePerRow);
            HostTensor[] results = run.ReadAll(session);
            reference ??= Reference(options, resolve);
            Difference worst = Difference.None;
            for (int i = 0; i < results.Length; i++)
                worst = worst.Worse(Difference.Between(results[i], channelsLast ? Layouts.ChannelsLast(reference[i]) : reference[i], Tolerance.Network).In(results[i].Name));

            StartTimes? start = starts && !channelsLast ? Start(options, shapes) : null;
            MachinePeak? peak = peaks.Of(session);
            IReadOnlyList<(Step Step, TimeSpan Time)> profile = run.Profile(ProfiledRuns);
            WarnOfSlowSteps(profile);
            steps?.Add(name, session.Target, profile, peak);
            long macs = run.Plan.Steps.Sum(step => step.Cost.Macs);
            double gflops = 2e-6 * macs / times.MedianMs;
            return new BenchRow(
                name, session.Target, channelsLast ? "nhwc" : "nchw", session.Threads, Numbers.Round(load), Numbers.Round(times.FirstMs), Numbers.Round(times.MinMs), Numbers.Round(times.MedianMs),
                Numbers.Round(times.P95Ms), Math.Round(gflops, 2), peak is null ? null : Math.Round(100 * gflops / peak.Gflops, 2), run.Plan.ArenaBytes, times.AllocatedBytesPerRun,
                Numbers.Finite(worst.MaxAbs), worst.Reason is null, worst.Reason, start is null ? null : Numbers.Round(start.ColdMs), start is null ? null : Numbers.Round(start.WarmMs),
                options.Verify == Verify.Off || channelsLast ? null : VerifyPercent(run, model, options, shapes));
        }

        /// <summary>Runs that check themselves and runs that do not take turns, so that what else the machine does is the same for both.</summary>
        private double VerifyPercent(Run run, Model model, SessionOptions options, IReadOnlyDictionary<string, long[]> shapes)
        {
            terminal.Progress($"{name}: measuring what verification costs");
            using Session plain = model.Compile(options with { Verify = Verify.Off });
            using Run other = plain.CreateRun(shapes);
            Fill(other, RunTensors.Seeded(model.Inputs, shapes));
            return Math.Round(100 * (Measurement.Ratio(run, other, TimePerRow) - 1), 2);
        }

        private StartTimes Start(SessionOptions options, IReadOnlyDictionary<string, long[]> shapes)
        {
            terminal.Progress($"{name}: starting {options.Target} in processes of its own");
            return StartTimes.Measure(source, options, shapes);
        }

        /// <summary>Predictions are wrong, or the data is unusual: denormal numbers are slow on many processors.</summary>
        private void WarnOfSlowSteps(IReadOnlyList<(Step Step, TimeSpan Time)> profile)
        {
            foreach ((Step step, TimeSpan time) in profile)
                if (time > NoticeableStep && time.TotalNanoseconds > SlowerThanPredicted * step.Nanoseconds)
                    terminal.Progress(string.Create(CultureInfo.InvariantCulture,
                        $"{name}: warning: {step.Node.Name} ({step.Kernel}) took {time.TotalMicroseconds:0} us, predicted were {step.Nanoseconds / 1000:0} us"));
        }

        private static void Fill(Run run, HostTensor[] inputs)
        {
            for (int i = 0; i < inputs.Length; i++)
                run.Fill(i, inputs[i]);
        }
    }

    private static void Print(Terminal terminal, BenchReport report)
    {
        if (report.Rows.Count > 0)
            PrintModels(terminal, report);
        if (report.Steps is not null)
            StepBench.Print(terminal, report.Steps);
        if (report.Layouts is not null)
            ClaimTable.Print(terminal, report.Layouts);
    }

    private static void PrintModels(Terminal terminal, BenchReport report)
    {
        var table = new TextTable("model", "target", ">threads", ">load ms", ">first ms", ">median ms", ">p95 ms", ">GFLOP/s", ">% of peak", ">arena bytes", ">bytes/run", ">largest difference");
        foreach (BenchRow row in report.Rows.Where(row => row.MedianMs is not null))
            table.Add(row.Model, row.Layout == "nhwc" ? $"{row.Target} nhwc" : row.Target, Numbers.Text(row.Threads, "0"), Numbers.Text(row.LoadMs, "0.0"), Numbers.Text(row.FirstMs, "0.0"), Numbers.Text(row.MedianMs, "0.00"), Numbers.Text(row.P95Ms, "0.00"),
                Numbers.Text(row.Gflops, "0.0"), Numbers.Text(row.PercentOfPeak, "0.0"), Numbers.Text(row.ArenaBytes, "N0"), Numbers.Text(row.AllocatedBytesPerRun, "N0"),
                row.WithinBound == true ? Numbers.Text(row.MaxAbsDiffToReference, "0.0e0") : $"WRONG {Numbers.Text(row.MaxAbsDiffToReference, "0.0e0")}");
        terminal.Write(table);
        PrintStarts(terminal, report);
        foreach (IGrouping<string, BenchRow> model in report.Rows.Where(row => row.MedianMs is not null).GroupBy(row => row.Model))
            if (Winner([.. model.OrderBy(row => row.MedianMs)]) is { } sentence)
                terminal.WriteLine(sentence);
        foreach (BenchRow row in report.Rows.Where(row => row.VerifyPercent is not null))
            terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{row.Model} on {row.Target}: verification adds {row.VerifyPercent:0.0} % to a run"));
        foreach (BenchRow row in report.Rows.Where(row => row.WithinBound == false))
            terminal.WriteLine($"{row.Model} on {row.Target}: {row.Reason}");
        foreach (IGrouping<(string, string?), BenchRow> group in report.Rows.Where(row => row.MedianMs is null).GroupBy(row => (row.Target, row.Reason)))
            terminal.WriteLine($"{group.Key.Item1}: {group.Key.Item2}");
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Machine.Processor}, {report.Machine.Isa} kernels; peak of fused multiply-adds measured now: {report.Machine.PeakGflops:0} GFLOP/s. An FMA counts two operations; differences are to {report.Against}."));
    }

    private static void PrintStarts(Terminal terminal, BenchReport report)
    {
        if (!report.Rows.Any(row => row.ColdStartMs is not null))
            return;
        var table = new TextTable("model", "target", ">cold start ms", ">warm start ms");
        foreach (BenchRow row in report.Rows.Where(row => row.ColdStartMs is not null))
            table.Add(row.Model, row.Target, Numbers.Text(row.ColdStartMs, "0"), Numbers.Text(row.WarmStartMs, "0"));
        terminal.Write(table);
    }

    /// <summary>Which target won a model, and by how much; null when only one ran it.</summary>
    private static string? Winner(BenchRow[] fastestFirst) =>
        Array.Find(fastestFirst, row => row.Target != fastestFirst[0].Target) is not { } second ? null
        : string.Create(CultureInfo.InvariantCulture, $"{fastestFirst[0].Model}: {fastestFirst[0].Target} wins, {second.MedianMs / fastestFirst[0].MedianMs:0.00} times as fast as {second.Target}");
}
