using System.CommandLine;
using System.Globalization;
using HybridConv.Cli.Reports;
using HybridConv.Passes;
using HybridConv.Planning;

namespace HybridConv.Cli.Commands;

/// <summary><c>explain</c>: the plan of a model on a target: every step, its kernel, and why not another.</summary>
internal static class ExplainCommand
{
    public static Command Create(CommonOptions common, Terminal terminal)
    {
        var source = new Argument<string>("MODEL") { Description = ModelSource.Help };
        var refused = new Option<bool>("--refused") { Description = "Also show, for every step, the kernels that were not taken, and why." };
        var shapes = new InputShapes();
        Command command = common.Complete(
            new Command("explain", "Shows how a model would run: passes, steps, kernels, memory.") { source, refused, shapes.Option },
            common.Target, common.Threads, common.Precision, common.Verify, common.Json);
        command.SetAction(parse =>
        {
            using Model model = ModelSource.Load(parse.GetRequiredValue(source));
            using Session session = model.Compile(common.Session(parse, parse.GetValue(common.Target)!));
            using Run run = session.CreateRun(shapes.Resolve(parse, session.Inputs));
            Plan plan = run.Plan;
            ExplainReport report = Describe(session.Target, session.TargetReason, plan);
            terminal.Report(parse.GetValue(common.Json), report, ReportJson.Default.ExplainReport, () => Print(terminal, plan, report, parse.GetValue(refused)));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static ExplainReport Describe(string target, string? reason, Plan plan) => new(
        target, reason, plan.ArenaBytes, plan.WeightBytes, plan.Steps.Sum(step => step.Cost.Macs), plan.Steps.Sum(step => step.Cost.Parameters),
        [.. plan.Steps.Select(step => new StepReport(
            step.Node.Name, step.Node.Op.Name, step.Kernel, step.Cost.Macs, step.Cost.Parameters, step.Bytes, step.Why,
            [.. step.Refused.Select(refusal => new RefusedReport(refusal.Kernel, refusal.Why))], plan.Sampling?.Unsampled.FirstOrDefault(u => u.Step == step)?.Why))]);

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
        var table = new TextTable("node", "op", "kernel", ">MMACs", ">parameters", ">KiB", "why");
        foreach (StepReport step in report.Steps)
        {
            table.Add(step.Node, step.Op, step.Kernel, Format(step.Macs / 1e6), step.Parameters.ToString("N0", CultureInfo.InvariantCulture), Format(step.Bytes / 1024.0), step.Why);
            if (refused)
                foreach (RefusedReport refusal in step.Refused)
                    table.Add("", "", $"not {refusal.Kernel}", "", "", "", refusal.Why);
        }
        terminal.Write(table);
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Target}: {report.Steps.Count} steps, {report.Macs / 1e6:N1} million MACs, {report.Parameters:N0} parameters, arena {report.ArenaBytes:N0} bytes, weights {report.WeightBytes:N0} bytes"));
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
