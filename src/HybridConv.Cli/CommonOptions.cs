using System.CommandLine;
using System.CommandLine.Parsing;
using HybridConv.Tools;
using Microsoft.Extensions.Logging;

namespace HybridConv.Cli;

/// <summary>Options that several commands of one command line share. A command adds those that mean something to it.</summary>
internal sealed class CommonOptions(Terminal terminal)
{
    public Option<string> Target { get; } = new("--target")
    {
        Description = "Where to run: cpu, opencl, opencl:N, opencl:PART-OF-ITS-NAME, cpu:reference (slow, in double precision) or auto.",
        HelpName = "T",
        DefaultValueFactory = _ => "auto",
    };

    public Option<string?> Targets { get; } = new("--targets", "--target")
    {
        Description = "Where to run, several separated by commas: cpu, cpu:reference.",
        HelpName = "T,T",
    };

    public Option<int> Threads { get; } = new("--threads")
    {
        Description = "Threads of a run, the caller's included; 0 takes one per processor.",
        HelpName = "N",
        Validators = { result => RequireRange(result, 0, Knobs.MaxThreads) },
    };

    public Option<string> Precision { get; } = new Option<string>("--precision")
    {
        Description = "fast, or reproducible: the same bits on every machine.",
        DefaultValueFactory = _ => "fast",
    }.AcceptOnlyFromAmong("fast", "reproducible");

    public Option<string> Verify { get; } = new Option<string>("--verify")
    {
        Description = "Whether runs check their own results: off; sampled, some of them, against the operators' definitions; or full, all outputs, against another target.",
        DefaultValueFactory = _ => "off",
    }.AcceptOnlyFromAmong([.. Enum.GetNames<Verify>().Select(name => name.ToLowerInvariant())]);

    public Option<string?> Json { get; } = new("--json") { Description = "Write the report as JSON; - is standard output.", HelpName = "FILE" };

    private readonly Option<string> log = new Option<string>("--log")
    {
        Description = "The least severe messages to print on standard error.",
        HelpName = "LEVEL",
    }.AcceptOnlyFromAmong([.. Enum.GetNames<LogLevel>().Select(name => name.ToLowerInvariant())]);

    /// <summary>Adds the options to a command, after its own; <c>--log</c> is on every command.</summary>
    public Command Complete(Command command, params ReadOnlySpan<Option> options)
    {
        foreach (Option option in options)
            command.Add(option);
        command.Add(log);
        return command;
    }

    public LogLevel LogLevel(ParseResult parse) =>
        parse.GetValue(log) is { } text ? Enum.Parse<LogLevel>(text, ignoreCase: true) : Knobs.Log;

    /// <summary>How long compiling may take before it says what it is doing.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>The session that the options describe, on a target.</summary>
    public SessionOptions Session(ParseResult parse, string target) => new()
    {
        Target = target,
        Threads = parse.GetValue(Threads),
        Precision = parse.GetValue(Precision) == "reproducible" ? HybridConv.Precision.Reproducible : HybridConv.Precision.Fast,
        Verify = parse.GetValue(Verify) is { } verify ? Enum.Parse<Verify>(verify, ignoreCase: true) : default,
        LoggerFactory = new TerminalLog(terminal, LogLevel(parse)),
        Progress = new TerminalProgress(terminal, Patience),
    };

    /// <summary>The targets that were named; those of the machine when none was.</summary>
    /// <exception cref="UsageException">The option is there and names no target.</exception>
    public IReadOnlyList<string> TargetNames(ParseResult parse, params string[] whenNoneIsNamed)
    {
        if (parse.GetValue(Targets) is not { } text)
            return whenNoneIsNamed;
        string[] names = text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return names.Length > 0 ? names : throw new UsageException($"--targets '{text}' names no target");
    }

    /// <summary>What is no number at all is refused when it is converted.</summary>
    private static void RequireRange(OptionResult result, int least, int most)
    {
        foreach (Token token in result.Tokens)
            if (int.TryParse(token.Value, out int value) && (value < least || value > most))
                result.AddError($"{result.IdentifierToken?.Value} {value}: a number from {least} to {most} is wanted");
    }
}
