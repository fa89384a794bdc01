using System.CommandLine;
using HybridConv.Cli.Reports;

namespace HybridConv.Cli.Commands;

/// <summary><c>knobs</c>: every environment variable that HybridConv reads.</summary>
internal static class KnobsCommand
{
    public static Command Create(CommonOptions common, Terminal terminal)
    {
        Command command = common.Complete(new Command("knobs", "Lists the environment variables that change how HybridConv runs."), common.Json);
        command.SetAction(parse =>
        {
            IReadOnlyList<KnobReport> knobs = Read();
            terminal.Report(parse.GetValue(common.Json), new KnobsReport(knobs), ReportJson.Default.KnobsReport, () =>
            {
                var table = new TextTable("variable", "value", "default", "meaning");
                foreach (KnobReport knob in knobs)
                    table.Add(knob.Name, knob.Value ?? "(not set)", knob.Default, knob.Doc);
                terminal.Write(table);
            });
            return ExitCodes.Ok;
        });
        return command;
    }

    public static IReadOnlyList<KnobReport> Read() => [.. Knobs.All.Select(knob => new KnobReport(knob.Name, knob.Text, knob.Default, knob.Doc))];
}
