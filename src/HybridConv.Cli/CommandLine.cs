using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using HybridConv.Cli.Commands;
using HybridConv.Tools;
using Microsoft.Extensions.Logging;

namespace HybridConv.Cli;

/// <summary>The program without a process: arguments in, exit code out, text to a <see cref="Terminal"/>.</summary>
internal static class CommandLine
{
    public static int Run(IReadOnlyList<string> arguments, Terminal terminal) => Run(arguments, terminal, Create);

    /// <summary>Runs a program of other commands with the same options, errors and exit codes.</summary>
    public static int Run(IReadOnlyList<string> arguments, Terminal terminal, Func<CommonOptions, Terminal, Command> create)
    {
        var common = new CommonOptions(terminal);
        Command root = create(common, terminal);
        ParseResult result = root.Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (result.Action is ParseErrorAction)
        {
            foreach (ParseError error in result.Errors)
                terminal.Complain(error.Message);
            terminal.Error.WriteLine($"'{string.Join(' ', Path(result.CommandResult))} --help' tells how it is used.");
            return ExitCodes.Usage;
        }
        LogLevel log = LogLevel.Warning;
        try
        {
            log = common.LogLevel(result);
            return result.Invoke(new InvocationConfiguration { Output = terminal.Output, Error = terminal.Error, EnableDefaultExceptionHandler = false });
        }
        catch (Exception exception)
        {
            terminal.Complain(Sentence(exception));
            if (log <= LogLevel.Debug)
                terminal.Error.WriteLine(exception);
            return ExitCode(exception);
        }
    }

    private static Command Create(CommonOptions common, Terminal terminal) => new("hybridconv", "Runs, explains, verifies and measures ONNX convolution networks.")
    {
        new HelpOption(),
        new VersionOption(),
        BenchCommand.Create(common, terminal),
        InspectCommand.Create(common, terminal),
        ExplainCommand.Create(common, terminal),
        RunCommand.Create(common, terminal),
        VerifyCommand.Create(common, terminal),
        TuneCommand.Create(common, terminal),
        OnnxTestCommand.Create(common, terminal),
        ZooCommand.Create(common, terminal),
        DevicesCommand.Create(common, terminal),
        DoctorCommand.Create(common, terminal),
        KnobsCommand.Create(common, terminal),
        StartCommand.Create(common, terminal),
    };

    private static int ExitCode(Exception exception) => exception switch
    {
        UsageException or ConfigurationException or OperandException => ExitCodes.Usage,
        ShapeException { Code: ErrorCode.OpenDimension } => ExitCodes.Usage,
        ModelFormatException or UnsupportedModelException or ShapeException or ResourceLimitException => ExitCodes.Model,
        IOException or UnauthorizedAccessException => ExitCodes.Usage,
        MismatchException => ExitCodes.CheckFailed,
        _ => ExitCodes.Device,
    };

    private static string Sentence(Exception exception) => exception switch
    {
        HybridConvException typed => $"{typed.Message} (error {(int)typed.Code})",
        UsageException or IOException or UnauthorizedAccessException => exception.Message,
        OutOfMemoryException => "the machine has not enough memory",
        _ => $"{exception.GetType().Name}: {exception.Message} (this should not happen; --log debug shows where it did)",
    };

    private static IEnumerable<string> Path(CommandResult result)
    {
        var names = new Stack<string>();
        for (SymbolResult? symbol = result; symbol is CommandResult command; symbol = symbol.Parent)
            names.Push(command.Command.Name);
        return names;
    }
}
