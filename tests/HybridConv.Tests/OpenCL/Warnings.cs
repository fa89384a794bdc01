using Microsoft.Extensions.Logging;

namespace HybridConv.Tests.OpenCL;

/// <summary>Log messages from warnings on, in order.</summary>
internal sealed class Warnings : List<string>, ILoggerFactory, ILogger
{
    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel level) => true;

    public void Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (level >= LogLevel.Warning)
            Add(formatter(state, exception));
    }

    public void Dispose()
    {
    }
}
