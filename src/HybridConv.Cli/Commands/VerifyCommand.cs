using System.CommandLine;
using System.Globalization;
using HybridConv.Tools.Reports;

namespace HybridConv.Cli.Commands;

/// <summary><c>verify</c>: whether targets agree about a model, in its outputs and in every value on the way.</summary>
internal static class VerifyCommand
{
    public static Command Create(CommonOptions common, Terminal terminal)
    {
        var source = new Argument<string>("MODEL") { Description = ModelSource.Help };
        var against = new Option<string>("--against") { Description = "The target that is right: reference, or any other.", HelpName = "T", DefaultValueFactory = _ => "reference" };
        var seed = new Option<int>("--seed") { Description = "Decides the made-up inputs.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var shapes = new InputShapes();
        Command command = common.Complete(
            new Command("verify", "Compares a model's outputs and intermediate values between targets.") { source, against, seed, shapes.Option },
            common.Targets, common.Threads, common.Precision, common.Json);
        command.SetAction(parse =>
        {
            string path = parse.GetRequiredValue(source), right = parse.GetValue(against)!;
            using Model model = ModelSource.Load(path);
            IReadOnlyDictionary<string, long[]> sizes = shapes.Resolve(parse, model.Inputs);
            VerifyReport report = VerifyReport.Of(
                ModelSource.Name(path), model, common.TargetNames(parse, "cpu"), right, sizes, parse.GetValue(seed), target => common.Session(parse, target),
                target => terminal.Progress($"{ModelSource.Name(path)}: running on {target}"));
            terminal.Report(parse.GetValue(common.Json), report, ToolsJson.Default.VerifyReport, () => Print(terminal, report));
            return report.AllWithinBound ? ExitCodes.Ok : ExitCodes.CheckFailed;
        });
        return command;
    }

    private static void Print(Terminal terminal, VerifyReport report)
    {
        var table = new TextTable("model", "target", "against", "same bits", ">largest difference", ">relative", "within bound", "worst node");
        foreach (PairReport pair in report.Pairs)
            table.Add(report.Model, pair.A, pair.B, pair.BitwiseEqual ? "yes" : "no", Text(pair.MaxAbsError), Text(pair.MaxRelError), pair.WithinBound ? "yes" : "NO", pair.WorstNode ?? "");
        terminal.Write(table);
        foreach (PairReport pair in report.Pairs.Where(pair => pair.Reason is not null))
            terminal.WriteLine($"{pair.A} against {pair.B}: {pair.Reason}");
    }

    private static string Text(double? value) => value?.ToString("0.0e0", CultureInfo.InvariantCulture) ?? "not a number";
}
