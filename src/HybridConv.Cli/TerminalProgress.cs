using System.Diagnostics;

namespace HybridConv.Cli;

/// <summary>Says on standard error what compiling is doing, once it takes long enough to wonder.</summary>
/// <param name="terminal">Where to say it.</param>
/// <param name="patience">The time that passes before the first line, and between two.</param>
internal sealed class TerminalProgress(Terminal terminal, TimeSpan patience) : IProgress<CompileProgress>
{
    private readonly Lock gate = new();
    private long last = Stopwatch.GetTimestamp();

    public void Report(CompileProgress value)
    {
        lock (gate)
        {
            if (Stopwatch.GetElapsedTime(last) < patience)
                return;
            last = Stopwatch.GetTimestamp();
            terminal.Progress($"{value.Doing} ({value.Done + 1} of {value.Total})");
        }
    }
}
