using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using HybridConv.Cli.Data;
using HybridConv.Cli.Reports;
using HybridConv.Graphs;
using HybridConv.Tools;
using HybridConv.Tools.Data;

namespace HybridConv.Cli.Commands;

/// <summary><c>run</c>: runs a model once, on files or a picture.</summary>
internal static class RunCommand
{
    private const int DefaultTop = 5;

    /// <summary>More classes than this are not a classifier's.</summary>
    private const int MaxClasses = 1 << 20;

    public static Command Create(CommonOptions common, Terminal terminal)
    {
        var source = new Argument<string>("MODEL") { Description = ModelSource.Help };
        var inputs = new Option<string[]>("--input")
        {
            Description = "An input's data: .npy, .pb (a TensorProto) or .bin (little-endian float32); may be repeated.",
            HelpName = "NAME=FILE",
            DefaultValueFactory = _ => [],
        };
        var image = new ImageOptions();
        var labels = new Option<string?>("--labels") { Description = "Names of the classes, one per line (default: ImageNet's, where there are 1000 or 1001).", HelpName = "FILE" };
        var top = new Option<int?>("--top") { Description = "How many classes to print, by score: the output's value as the network gives it.", HelpName = "K" };
        var folder = new Option<string?>("--out") { Description = "Write every output as .npy into this folder.", HelpName = "DIR" };
        var command = new Command("run", "Runs a model once, on files or a picture.") { source, inputs, labels, top, folder };
        foreach (Option option in image.All)
            command.Add(option);
        common.Complete(command, common.Target, common.Threads, common.Precision, common.Verify, common.Json);
        command.SetAction(parse =>
        {
            string path = parse.GetRequiredValue(source);
            using Model model = ModelSource.Load(path);
            HostTensor[] data = Collect(model.Inputs, parse.GetValue(inputs)!, parse.GetValue(image.Image), image.Read(parse));
            Labels? names = parse.GetValue(labels) is { } file ? Labels.Load(file) : null;

            using Session session = model.Compile(common.Session(parse, parse.GetValue(common.Target)!));
            using Run run = session.CreateRun(model.Inputs.Zip(data).ToDictionary(pair => pair.First.Name, pair => pair.Second.Shape));
            for (int i = 0; i < data.Length; i++)
                run.Fill(i, data[i]);
            long start = Stopwatch.GetTimestamp();
            run.Execute();
            double milliseconds = Stopwatch.GetElapsedTime(start).TotalMilliseconds;

            HostTensor[] results = run.ReadAll(session);
            var report = new RunReport(
                session.Target, ModelSource.Name(path), Write(results, parse.GetValue(folder)), Top(results[0], names ?? Labels.ImageNet(), parse.GetValue(top)), Numbers.Round(milliseconds));
            terminal.Report(parse.GetValue(common.Json), report, ReportJson.Default.RunReport, () => Print(terminal, report, results));
            return ExitCodes.Ok;
        });
        return command;
    }

    /// <summary>One tensor per input of the model, in its order.</summary>
    private static HostTensor[] Collect(IReadOnlyList<TensorInfo> inputs, string[] files, string? picture, PictureInput preparation)
    {
        var given = new Dictionary<string, string>();
        foreach (string text in files)
        {
            int equals = text.IndexOf('=', StringComparison.Ordinal);
            if (equals < 1)
                throw new UsageException($"--input {text}: NAME=FILE is wanted");
            string name = text[..equals];
            if (inputs.All(input => input.Name != name))
                throw new UsageException($"--input {text}: there is no input '{name}'; there are {string.Join(", ", inputs)}");
            if (!given.TryAdd(name, text[(equals + 1)..]))
                throw new UsageException($"--input {name} is given twice");
        }
        TensorInfo[] open = [.. inputs.Where(input => !given.ContainsKey(input.Name))];
        if (picture is not null && open.Length == 0)
            throw new UsageException("--image has no input left to fill");
        TensorInfo? forPicture = picture is null ? null : open.FirstOrDefault(input => input.Dimensions is { Count: 4 }) ?? open[0];
        if (open.FirstOrDefault(input => input != forPicture) is { } missing)
            throw new UsageException($"the input {missing} has no data; give --input {missing.Name}=FILE{(picture is null ? " or --image FILE" : "")}");
        return [.. inputs.Select(input => input == forPicture ? preparation.Load(picture!, input) : Check(input, TensorFile.Read(given[input.Name], input), given[input.Name]))];
    }

    private static HostTensor Check(TensorInfo input, HostTensor tensor, string file)
    {
        bool fits = tensor.Type == input.Type && (input.Dimensions is not { } dims || (dims.Count == tensor.Shape.Length && dims.Zip(tensor.Shape).All(pair => pair.First.IsOpen || pair.First.Size == pair.Second)));
        return fits ? tensor : throw new UsageException($"'{file}' holds {tensor.Type.Label()}{tensor.ShapeText}, and the network takes {input}");
    }

    private static OutputReport[] Write(HostTensor[] results, string? folder)
    {
        if (folder is not null)
            Directory.CreateDirectory(folder);
        return [.. results.Select((result, i) =>
        {
            string? file = folder is null ? null : Path.Combine(folder, FileName(result.Name, i));
            if (file is not null)
                NpyFile.Write(file, result);
            return new OutputReport(result.Name, result.Shape, file);
        })];
    }

    /// <summary>An output's name is the model's, and models are not trusted with paths.</summary>
    private static string FileName(string name, int index)
    {
        string safe = string.Concat(name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' ? c : '_')).TrimStart('.');
        return $"{(safe.Length is 0 or > 100 ? $"output_{index}" : safe)}.npy";
    }

    /// <summary>The classes of the first picture with the largest values, where the output looks like a classifier's: one axis of scores per picture.</summary>
    private static ScoreReport[] Top(HostTensor output, Labels labels, int? asked)
    {
        bool isClassifier = output.Shape.Length > 0 && output.Shape.Skip(1).Count(dim => dim > 1) <= 1 && output.Type is ElementType.Float32 or ElementType.Float16;
        long batch = output.Shape.Length > 1 ? output.Shape[0] : 1;
        if (!isClassifier || batch == 0 || output.Count / batch is < 2 or > MaxClasses)
            return asked is null ? [] : throw new UsageException($"--top: the output '{output.Name}' of shape {output.ShapeText} holds no scores of classes");
        double[] scores = output.ToDoubles()[..(int)(output.Count / batch)];
        return [.. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).Take(asked ?? DefaultTop)
            .Select(i => new ScoreReport(i, labels.Name(i, scores.Length), Numbers.Finite(scores[i])))];
    }

    private static void Print(Terminal terminal, RunReport report, HostTensor[] results)
    {
        if (report.Top.Count > 0)
        {
            var table = new TextTable(">index", "label", ">score");
            foreach (ScoreReport score in report.Top)
                table.Add(score.Index.ToString(CultureInfo.InvariantCulture), score.Label ?? "", score.Score?.ToString("0.######", CultureInfo.InvariantCulture) ?? "not a number");
            terminal.Write(table);
        }
        else
        {
            var table = new TextTable("output", "type", "shape", ">least", ">mean", ">largest");
            foreach (HostTensor result in results)
            {
                double[] numbers = result.ToDoubles();
                (double least, double mean, double largest) = numbers.Length == 0 ? (double.NaN, double.NaN, double.NaN) : (numbers.Min(), numbers.Average(), numbers.Max());
                table.Add(result.Name, result.Type.Label(), result.ShapeText, Format(least), Format(mean), Format(largest));
            }
            terminal.Write(table);
        }
        foreach (OutputReport output in report.Outputs.Where(output => output.File is not null))
            terminal.WriteLine($"wrote {output.File}");
        terminal.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{report.Model} on {report.Target}: {report.Milliseconds:0.0} ms"));
    }

    private static string Format(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
