using System.CommandLine;
using System.Globalization;
using HybridConv.Cli.Data;
using HybridConv.Cli.Reports;
using HybridConv.Passes;
using HybridConv.Planning;
using HybridConv.Targets;

namespace HybridConv.Cli.Commands;

/// <summary><c>explain</c>: the plan of a model on a target: every step, its kernel, why not another, and how long it takes.</summary>
internal static class ExplainCommand
{
    /// <summary>Runs of which the shortest time of each step is shown; one where the network is predicted to be slow.</summary>
    private const int MeasuredRuns = 7;

    private const double SlowNanoseconds = 1e9;

    public static Command Create(CommonOptions common, Terminal terminal)
    {
        var source = new Argument<string>("MODEL") { Description = ModelSource.Help };
        var refused = new Option<bool>("--refused") { Description = "Also show, for every step, the kernels that were not taken, and why." };
        var unmeasured = new Option<bool>("--no-measure") { Description = "Only plan: do not run the network to time its steps." };
        var shapes = new InputShapes();
        Command command = common.Complete(
            new Command("explain", "Shows how a model runs: passes, steps, kernels and their times, memory.") { source, refused, unmeasured, shapes.Option },
            common.Target, common.Threads, common.Precision, common.Verify, common.Json);
        command.SetAction(parse =>
        {
            using Model model = ModelSource.Load(parse.GetRequiredValue(source));
            using Session session = model.Compile(common.Session(parse, parse.GetValue(common.Target)!));
            IReadOnlyDictionary<string, long[]> resolved = shapes.Resolve(parse, session.Inputs);
            using Run run = session.CreateRun(resolved);
            Plan plan = run.Plan;
            (Dictionary<Step, TimeSpan> times, string? whyNot) = parse.GetValue(unmeasured) ? ([], null) : Measure(run, RunTensors.Seeded(session.Inputs, resolved));
            MachinePeak? peak = times.Count == 0 ? null : session.MeasurePeak();
            ExplainReport report = Describe(session.Target, session.TargetReason, plan, step => Time(step, times, peak)) with { Unmeasured = whyNot };
            terminal.Report(parse.GetValue(common.Json), report, ReportJson.Default.ExplainReport, () => Print(terminal, plan, report, parse.GetValue(refused)));
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>The shortest time of every step that moves data; a sentence where the network does not run on made-up numbers.</summary>
    private static (Dictionary<Step, TimeSpan> Times, string? WhyNot) Measure(Run run, HostTensor[] inputs)
    {
        try
        {
            foreach ((int i, HostTensor input) in inputs.Index())
                run.Fill(i, input);
            int runs = run.Plan.Steps.Sum(step => step.Nanoseconds) > SlowNanoseconds ? 1 : MeasuredRuns;
            return (run.Profile(runs).ToDictionary(pair => pair.Step, pair => pair.Time), null);
        }
        catch (Exception e) when (e is HybridConvException or ArithmeticException or IndexOutOfRangeException)
        {
            return ([], $"the network does not run on made-up numbers: {e.Message}");
        }
    }

    private static StepTime? Time(Step step, Dictionary<Step, TimeSpan> times, MachinePeak? peak)
    {
        if (!times.TryGetValue(step, out TimeSpan time))
            return null;
        double nanoseconds = Math.Max(1, time.TotalNanoseconds), least = peak is null ? 0 : Roofline.Nanoseconds(step, peak);
        return new StepTime(
            Math.Round(nanoseconds / 1000, 2), step.Cost.Macs == 0 ? null : Math.Round(2 * step.Cost.Macs / nanoseconds, 1), least == 0 ? null : Math.Round(100 * least / nanoseconds, 1));
    }

    private static ExplainReport Describe(string target, string? reason, Plan plan, Func<Step, StepTime?> time) => new(
        target, reason, plan.ArenaBytes, plan.WeightBytes, plan.Steps.Sum(step => step.Cost.Macs), plan.Steps.Sum(step => step.Cost.Parameters),
        [.. plan.Steps.Select(step => new StepReport(
            step.Node.Name, step.Node.Op.Name, step.Kernel, step.Cost.Macs, step.Cost.Parameters, step.Bytes, step.Why,
            [.. step.Refused.Select(refusal => new RefusedReport(refusal.Kernel, refusal.Why))], plan.Sampling?.Unsampled.FirstOrDefault(u => u.Step == step)?.Why, time(step)))]);

    private static void Print(Terminal terminal, Plan plan, ExplainReport report, bool refused)
    {
        foreach (PassReport pass in plan.Passes)
        {
            foreach (string change in pass.Changes)
                terminal.WriteLine($"{pass.Pass}: {change}");
            if (!refused)
                continue;
            foreach (string declined in pass.Declined)
                terminal.WriteLine($"{pass.Pass}: declined: {declined}");
        }
        var table = new TextTable("node", "op", "kernel", ">MMACs", ">parameters", ">KiB", ">us", ">GFLOP/s", ">% of roofline", "why");
        foreach (StepReport step in report.Steps)
        {
            table.Add(step.Node, step.Op, step.Kernel, Format(step.Macs / 1e6), step.Parameters.ToString("N0", CultureInfo.InvariantCulture), Format(step.Bytes / 1024.0),
                Numbers.Text(step.Time?.Us, "0.0"), Numbers.Text(step.Time?.Gflops, "0.0"), Numbers.Text(step.Time?.PercentOfRoofline, "0"), step.Why);
            if (refused)
                foreach (RefusedReport refusal in step.Refused)
                    table.Add("", "", $"not {refusal.Kernel}", "", "", "", "", "", "", refusal.Why);
        }
        terminal.Write(table);
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Target}: {report.Steps.Count} steps, {report.Macs / 1e6:N1} million MACs, {report.Parameters:N0} parameters, arena {report.ArenaBytes:N0} bytes, weights {report.WeightBytes:N0} bytes"));
        if (report.Steps.Any(step => step.Time is not null))
            terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{report.Steps.Sum(step => step.Time?.Us):N0} us in all steps. An FMA counts two operations; the roofline is the peak of multiply-adds or the bandwidth of memory for weights, measured now."));
        if (report.Unmeasured is not null)
            terminal.WriteLine($"not measured: {report.Unmeasured}");
        if (plan.Sampling is { } sampling)
        {
            terminal.WriteLine($"sampled verification checks {sampling.Steps.Count} of the steps that compute, {sampling.StepsPerRun} in each run, and needs {sampling.Bytes:N0} bytes for copies");
            foreach (StepReport step in report.Steps.Where(step => step.Unverified is not null))
                terminal.WriteLine($"{step.Node} ({step.Op}) is not checked: {step.Unverified}");
        }
        if (report.Why is not null)
            terminal.WriteLine($"{report.Target} was taken: {report.Why}");
        foreach (Step crossing in plan.Steps.Where(step => step.IsCrossing))
            terminal.WriteLine($"{crossing.Node.Name} ({crossing.Node.Op.Name}) runs on the host: its operands cross over and back");
    }

    private static string Format(double value) => value.ToString("N1", CultureInfo.InvariantCulture);
}
