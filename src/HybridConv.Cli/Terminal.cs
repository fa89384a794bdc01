using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace HybridConv.Cli;

/// <summary>Where a command writes: results to standard output, progress and complaints to standard error.</summary>
/// <param name="output">Results.</param>
/// <param name="error">Progress and complaints.</param>
/// <param name="rich">Whether output is a terminal that draws tables; otherwise text is plain.</param>
internal sealed class Terminal(TextWriter output, TextWriter error, bool rich)
{
    private readonly IAnsiConsole? console = rich ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }) : null;

    public TextWriter Output => output;
    public TextWriter Error => error;

    public static Terminal OfProcess() => new(Console.Out, Console.Error, rich: !Console.IsOutputRedirected);

    public void WriteLine(string text = "") => output.WriteLine(text);

    public void Write(TextTable table)
    {
        if (console is null)
            table.WritePlain(output);
        else
            console.Write(table.ToSpectre());
    }

    /// <summary>Says on standard error what is being done.</summary>
    public void Progress(string text) => error.WriteLine(text);

    public void Complain(string sentence) => error.WriteLine($"hybridconv: {sentence}");

    /// <summary>Shows a result: as JSON where a file for it is named (<c>-</c> is standard output), and for people unless standard output holds JSON.</summary>
    public void Report<T>(string? jsonFile, T report, JsonTypeInfo<T> type, Action show)
    {
        if (jsonFile != "-")
            show();
        if (jsonFile is null)
            return;
        string json = JsonSerializer.Serialize(report, type);
        if (jsonFile == "-")
            output.WriteLine(json);
        else
            File.WriteAllText(jsonFile, json + "\n");
    }
}
