using Microsoft.Extensions.Logging;

namespace HybridConv.Cli;

/// <summary>Log messages as lines on standard error.</summary>
internal sealed class TerminalLog(Terminal terminal, LogLevel least) : ILoggerFactory
{
    private readonly Lock gate = new();

    private LogLevel Least => least;

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("Messages go to standard error only.");

    public void Dispose() { }

    private void Write(LogLevel level, string category, string message, Exception? exception)
    {
        lock (gate)
        {
            terminal.Error.WriteLine($"{level.ToString().ToLowerInvariant()} {category}: {message}");
            if (exception is not null)
                terminal.Error.WriteLine(exception);
        }
    }

    private sealed class Logger(TerminalLog log, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel level) => level >= log.Least && level != LogLevel.None;

        public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(level))
                log.Write(level, category, formatter(state, exception), exception);
        }
    }
}
