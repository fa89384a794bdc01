using Microsoft.Extensions.Logging;

namespace HybridConv.Tests.Verification;

/// <summary>Keeps the warnings that are logged.</summary>
internal sealed class WarningLog : ILoggerFactory, ILogger
{
    public List<string> Warnings { get; } = [];

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel level) => level >= LogLevel.Warning;

    public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(level))
            Warnings.Add(formatter(state, exception));
    }

    public void Dispose()
    {
    }
}
