using System.CommandLine;
using HybridConv.Cli.Reports;
using HybridConv.Tools;
using HybridConv.Zoo;

namespace HybridConv.Cli.Commands;

/// <summary><c>zoo</c>: lists the networks that are built in code, and writes one as ONNX.</summary>
internal static class ZooCommand
{
    public static Command Create(CommonOptions common, Terminal terminal)
    {
        var name = new Argument<string?>("NAME") { Description = "The network; without it, they are listed.", Arity = ArgumentArity.ZeroOrOne };
        var file = new Option<string?>("-o", "--output") { Description = "The ONNX file to write.", HelpName = "FILE" };
        var batch = new Option<int>("--batch") { Description = "Pictures per run.", HelpName = "N", DefaultValueFactory = _ => 1 };
        var size = new Option<string?>("--size") { Description = "The pictures' height and width.", HelpName = "H,W" };
        var classes = new Option<int?>("--classes") { Description = "Classes that the network tells apart.", HelpName = "N" };
        var seed = new Option<int>("--seed") { Description = "Decides the weights.", HelpName = "N" };
        Command command = common.Complete(
            new Command("zoo", "Writes a well-known network with seeded weights as ONNX, or lists the networks.") { name, file, batch, size, classes, seed }, common.Json);
        command.SetAction(parse =>
        {
            if (parse.GetValue(name) is not { } wanted)
                return List(terminal, parse.GetValue(common.Json));
            Network network = Networks.Find(wanted) ?? throw new UsageException($"there is no network '{wanted}' in the zoo; there are {string.Join(", ", Networks.All.Select(n => n.Name))}");
            if (parse.GetValue(file) is not { } path)
                throw new UsageException($"-o FILE is missing: where to write {network.Name}");
            if (parse.GetValue(batch) < 1 || parse.GetValue(classes) < 1)
                throw new UsageException("--batch and --classes are at least 1");
            using Model model = network.Build(new ZooOptions
            {
                Batch = parse.GetValue(batch),
                Size = parse.GetValue(size) is { } text ? ImageOptions.Extent(text) : null,
                Classes = parse.GetValue(classes),
                Seed = parse.GetValue(seed),
            });
            model.Save(path);
            terminal.Progress($"wrote {path}");
            return ExitCodes.Ok;
        });
        return command;
    }

    private static int List(Terminal terminal, string? json)
    {
        terminal.Report(json, new ZooReport([.. Networks.All.Select(network => new NetworkReport(network.Name, network.Description))]), ReportJson.Default.ZooReport, () =>
        {
            var table = new TextTable("name", "what");
            foreach (Network network in Networks.All)
                table.Add(network.Name, network.Description);
            terminal.Write(table);
        });
        return ExitCodes.Ok;
    }
}
