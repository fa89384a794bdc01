using System.CommandLine;
using System.Globalization;
using HybridConv.Cli.Data;
using HybridConv.Cli.Reports;
using HybridConv.Graphs;

namespace HybridConv.Cli.Commands;

/// <summary><c>verify</c>: whether targets agree about a model, in its outputs and in every value on the way.</summary>
internal static class VerifyCommand
{
    private const string Reference = "cpu:reference";

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
            HostTensor[] inputs = RunTensors.Seeded(model.Inputs, sizes, parse.GetValue(seed));
            string[] values = InnerValues(model.Graph);

            Answer Ask(string target)
            {
                terminal.Progress($"{ModelSource.Name(path)}: running on {target}");
                SessionOptions options = common.Session(parse, target) with { InputShapes = sizes };
                return new Answer(target, Execute(model, options, inputs), Execute(model, options with { Keep = values }, inputs));
            }

            Answer reference = Ask(right == "reference" ? Reference : right);
            Answer[] answers = [.. common.TargetNames(parse, "cpu").Select(Ask)];
            bool reproducible = common.Session(parse, "cpu").Precision == Precision.Reproducible;
            var pairs = answers.Select(answer => Compare(answer, reference, model, reproducible)).ToList();
            for (int i = 0; i < answers.Length; i++)
                for (int j = i + 1; j < answers.Length; j++)
                    pairs.Add(Compare(answers[i], answers[j], model, reproducible));
            var report = new VerifyReport(ModelSource.Name(path), pairs);
            terminal.Report(parse.GetValue(common.Json), report, ReportJson.Default.VerifyReport, () => Print(terminal, report));
            return pairs.All(pair => pair.WithinBound) ? ExitCodes.Ok : ExitCodes.CheckFailed;
        });
        return command;
    }

    /// <param name="Target">Who answered.</param>
    /// <param name="Outputs">The model's outputs, from the plan as users get it.</param>
    /// <param name="Values">The outputs and then all inner values, from a plan that keeps them and so fuses less.</param>
    private sealed record Answer(string Target, HostTensor[] Outputs, HostTensor[] Values);

    /// <summary>Names of the values between nodes that depend on an input: constants are the same everywhere.</summary>
    private static string[] InnerValues(Graph graph)
    {
        var dependent = new HashSet<Value>(graph.Inputs);
        var inner = new List<string>();
        foreach (Node node in graph.Nodes)
        {
            if (!node.Inputs.Any(input => input is not null && dependent.Contains(input)))
                continue;
            foreach (Value output in node.Outputs)
            {
                dependent.Add(output);
                if (!graph.Outputs.Contains(output) && output.Name.Length > 0)
                    inner.Add(output.Name);
            }
        }
        return [.. inner];
    }

    private static HostTensor[] Execute(Model model, SessionOptions options, HostTensor[] inputs)
    {
        using Session session = model.Compile(options);
        using Run run = session.CreateRun();
        for (int i = 0; i < inputs.Length; i++)
            run.Fill(i, inputs[i]);
        run.Execute();
        return run.ReadAll(session);
    }

    /// <param name="a">The one.</param>
    /// <param name="b">The other, to whose values errors are relative.</param>
    /// <param name="model">What they were asked.</param>
    /// <param name="reproducible">Whether targets promise each other's bits. The reference, in double precision, promises nobody's.</param>
    private static PairReport Compare(Answer a, Answer b, Model model, bool reproducible)
    {
        Difference outputs = Compare(a.Outputs, b.Outputs), values = Difference.None;
        string? worst = null;
        for (int i = 0; i < a.Values.Length; i++)
        {
            Difference difference = Difference.Between(a.Values[i], b.Values[i], Tolerance.Network).In(a.Values[i].Name);
            if (worst is null || Severity(difference).CompareTo(Severity(values)) > 0)
                (values, worst) = (difference, NodeOf(model.Graph, a.Values[i].Name));
        }
        bool sameBits = outputs.SameBits && values.SameBits;
        string? reason = outputs.Reason ?? values.Reason
            ?? (reproducible && !sameBits && a.Target != Reference && b.Target != Reference ? $"the bits differ{(outputs.SameBits ? " on the way" : "")}, though they are to be reproducible" : null);
        return new PairReport(
            a.Target, b.Target, outputs.SameBits, Numbers.Finite(outputs.MaxAbs), Numbers.Finite(outputs.MaxRel), reason is null, sameBits ? null : worst, reason);
    }

    private static Difference Compare(HostTensor[] a, HostTensor[] b)
    {
        Difference worst = Difference.None;
        for (int i = 0; i < a.Length; i++)
            worst = worst.Worse(Difference.Between(a[i], b[i], Tolerance.Network).In(a[i].Name));
        return worst;
    }

    /// <summary>A value outside the tolerance is worse than any inside.</summary>
    private static (bool IsBroken, double Size) Severity(Difference difference) =>
        (difference.Reason is not null, double.IsNaN(difference.OfLargest) ? double.PositiveInfinity : difference.OfLargest);

    private static string NodeOf(Graph graph, string value) =>
        graph.Nodes.FirstOrDefault(node => node.Outputs.Any(output => output.Name == value)) is { } node ? $"{node.Name} ({node.Op.Name})" : value;

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
