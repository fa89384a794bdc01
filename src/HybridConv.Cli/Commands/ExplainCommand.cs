using System.CommandLine;
using System.Globalization;
using HybridConv.Passes;
using HybridConv.Planning;
using HybridConv.Tools;
using HybridConv.Tools.Reports;

namespace HybridConv.Cli.Commands;

/// <summary><c>explain</c>: the plan of a model on a target: every step, its kernel, why not another, and how long it takes.</summary>
internal static class ExplainCommand
{
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
            ExplainReport report = ExplainReport.Of(session, run, resolved, measure: !parse.GetValue(unmeasured));
            terminal.Report(parse.GetValue(common.Json), report, ToolsJson.Default.ExplainReport, () => Print(terminal, run.Plan, report, parse.GetValue(refused)));
            return ExitCodes.Ok;
        });
        return command;
    }

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
