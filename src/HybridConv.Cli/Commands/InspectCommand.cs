using System.CommandLine;
using System.Globalization;
using HybridConv.Cli.Reports;
using HybridConv.Graphs;

namespace HybridConv.Cli.Commands;

/// <summary><c>inspect</c>: what a model says about itself, before anything is planned.</summary>
internal static class InspectCommand
{
    public static Command Create(CommonOptions common, Terminal terminal)
    {
        var source = new Argument<string>("MODEL") { Description = ModelSource.Help };
        Command command = common.Complete(new Command("inspect", "Shows a model's inputs, outputs, operators and size.") { source }, common.Json);
        command.SetAction(parse =>
        {
            string path = parse.GetRequiredValue(source);
            using Model model = ModelSource.Load(path);
            InspectReport report = Describe(path, model);
            terminal.Report(parse.GetValue(common.Json), report, ReportJson.Default.InspectReport, () => Print(terminal, model, report));
            return ExitCodes.Ok;
        });
        return command;
    }

    private static InspectReport Describe(string path, Model model) => new(
        ModelSource.Name(path),
        File.Exists(path) ? new FileInfo(path).Length : null,
        model.Record.Opsets.GroupBy(import => import.Domain.Length == 0 ? "ai.onnx" : import.Domain).ToDictionary(group => group.Key, group => group.Max(import => import.Version)),
        [.. model.Inputs.Select(Describe)],
        [.. model.Outputs.Select(Describe)],
        model.Graph.Nodes.Count,
        Parameters.Count(model.Graph),
        model.Graph.Nodes.CountBy(node => node.Op.Name).OrderByDescending(pair => pair.Value).ThenBy(pair => pair.Key, StringComparer.Ordinal).ToDictionary());

    private static TensorReport Describe(TensorInfo tensor) =>
        new(tensor.Name, tensor.Type.Label(), tensor.Dimensions is null ? null : [.. tensor.Dimensions.Select(dim => dim.ToString())]);

    private static void Print(Terminal terminal, Model model, InspectReport report)
    {
        var table = new TextTable("model", report.Model);
        table.Add("producer", model.Producer);
        table.Add("format", string.Create(CultureInfo.InvariantCulture, $"IR {model.IrVersion}, {string.Join(", ", report.Opsets.Select(pair => $"{pair.Key} {pair.Value}"))}"));
        foreach (TensorInfo input in model.Inputs)
            table.Add("input", input.ToString());
        foreach (TensorInfo output in model.Outputs)
            table.Add("output", output.ToString());
        table.Add("parameters", report.Parameters.ToString("N0", CultureInfo.InvariantCulture));
        table.Add("nodes", $"{report.Nodes}: {string.Join(", ", report.Ops.Select(pair => $"{pair.Key} {pair.Value}"))}");
        terminal.Write(table);
    }
}
