using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;
using HybridConv.Cli.Reports;
using HybridConv.Tools.Data;

namespace HybridConv.Cli.Commands;

/// <summary><c>onnx-test</c>: runs test cases in the form of ONNX's backend tests and compares with their expected outputs.</summary>
internal static class OnnxTestCommand
{
    public static Command Create(CommonOptions common, Terminal terminal)
    {
        var folders = new Argument<string[]>("DIR") { Description = "Folders to search for cases; a case itself is one too.", Arity = ArgumentArity.OneOrMore };
        var filter = new Option<string?>("--filter") { Description = "Only cases whose name matches, with * and ?.", HelpName = "GLOB" };
        Option<double> atol = Bound("--atol", 1e-5, "Allowed absolute difference."), rtol = Bound("--rtol", 1e-4, "Allowed difference relative to the wanted element.");
        Option<double> maxRtol = Bound("--max-rtol", 0, "Allowed difference relative to the output's largest element.");
        Command command = common.Complete(
            new Command("onnx-test", "Runs ONNX test cases and compares with their expected outputs. A data set for which a meta.json beside the model says \"compare at X absolute\" is held to X.") { folders, filter, atol, rtol, maxRtol },
            common.Target, common.Threads, common.Precision, common.Json);
        command.SetAction(parse =>
        {
            var tolerance = new Tolerance(parse.GetValue(atol), parse.GetValue(rtol), parse.GetValue(maxRtol));
            Regex pattern = Glob(parse.GetValue(filter) ?? "*");
            string[] found = [.. parse.GetRequiredValue(folders).SelectMany(OnnxCase.Find).Where(folder => pattern.IsMatch(OnnxCase.Name(folder)))];
            SessionOptions options = common.Session(parse, parse.GetValue(common.Target)!);
            var cases = new List<CaseReport>(found.Length);
            foreach (string folder in found)
            {
                cases.Add(OnnxCase.Run(folder, options, tolerance));
                if (cases.Count % 100 == 0)
                    terminal.Progress($"{cases.Count} of {found.Length}");
            }
            SuiteReport report = Summarise(parse.GetValue(common.Target)!, cases);
            terminal.Report(parse.GetValue(common.Json), report, ReportJson.Default.SuiteReport, () => Print(terminal, report));
            return report.Failed > 0 ? ExitCodes.CheckFailed : ExitCodes.Ok;
        });
        return command;
    }

    private static Option<double> Bound(string name, double value, string description) => new(name)
    {
        Description = description,
        HelpName = "X",
        DefaultValueFactory = _ => value,
    };

    private static Regex Glob(string glob) =>
        new($"^{Regex.Escape(glob).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal)}$", RegexOptions.IgnoreCase);

    private static SuiteReport Summarise(string target, List<CaseReport> cases) =>
        new(target, cases.Count(c => c.Status == OnnxCase.Passed), cases.Count(c => c.Status == OnnxCase.Failed), cases.Count(c => c.Status == OnnxCase.Unsupported), cases);

    private static void Print(Terminal terminal, SuiteReport report)
    {
        foreach (string status in new[] { OnnxCase.Unsupported, OnnxCase.Failed })
        {
            if (report.Cases.All(c => c.Status != status))
                continue;
            var table = new TextTable(status, "why");
            foreach (CaseReport @case in report.Cases.Where(c => c.Status == status))
                table.Add(@case.Name, @case.Reason ?? "");
            terminal.Write(table);
            terminal.WriteLine();
        }
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{report.Target}: {report.Passed} passed, {report.Failed} failed, {report.Unsupported} unsupported, of {report.Cases.Count} cases in {report.Cases.Sum(c => c.Milliseconds) / 1000:0.0} s"));
    }
}
