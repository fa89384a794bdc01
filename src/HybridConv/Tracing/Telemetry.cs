using System.Diagnostics;
using System.Diagnostics.Metrics;
using HybridConv.Planning;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace HybridConv.Tracing;

/// <summary>What models and sessions tell the outside: log messages, activities and metrics, all named <c>HybridConv</c>. Costs next to nothing when nobody listens.</summary>
internal sealed partial class Telemetry(ILoggerFactory? loggers, string target)
{
    private static readonly ActivitySource Activities = new("HybridConv");
    private static readonly Meter Meter = new("HybridConv");
    private static readonly Histogram<double> RunDuration = Meter.CreateHistogram<double>("hybridconv.run.duration", "s", "Time of one execution.");

    private static readonly Counter<long> ResultsChecked = Meter.CreateCounter<long>("hybridconv.verify.results", null, "Results that sampled verification has computed again.");
    private static readonly Counter<long> Mismatches = Meter.CreateCounter<long>("hybridconv.verify.mismatches", null, "Steps or values that verification found to differ.");

    private readonly ILogger logger = (loggers ?? NullLoggerFactory.Instance).CreateLogger("HybridConv");
    private readonly KeyValuePair<string, object?> targetTag = new("hybridconv.target", target);

    public static Activity? StartLoad(string source) => Activities.StartActivity("hybridconv.load")?.SetTag("hybridconv.model", source);

    public static void Loaded(ILoggerFactory? loggers, string source, Model model)
    {
        if (loggers is not null)
            LogLoaded(loggers.CreateLogger("HybridConv"), source, model.IrVersion, model.OpsetVersion, model.Graph.Nodes.Count, model.Record.Initializers.Count);
    }

    public Activity? StartCompile(string model) =>
        Activities.StartActivity("hybridconv.compile")?.SetTag("hybridconv.model", model).SetTag("hybridconv.target", target);

    public void Compiled(string model, Plan plan, string ranOn, string? why)
    {
        LogCompiled(logger, model, ranOn, plan.Steps.Count, plan.ArenaBytes, plan.WeightBytes);
        if (why is not null)
            LogTaken(logger, model, ranOn, why);
        foreach (Step step in plan.Steps)
            if (step.IsCrossing)
                LogCrossing(logger, model, step.Node.Name, step.Node.Op.Name, ranOn);
    }

    /// <summary>A run has computed samples of its results again.</summary>
    public void Checked(int results)
    {
        if (ResultsChecked.Enabled)
            ResultsChecked.Add(results, targetTag);
    }

    public void Mismatched(Mismatch mismatch)
    {
        Mismatches.Add(1, targetTag);
        LogMismatch(logger, mismatch);
    }

    public void FellBack(string other) => LogFallBack(logger, target, other);

    /// <summary>Measures one execution, from now until the result is disposed.</summary>
    public RunScope StartRun() => new(Activities.HasListeners() ? Activities.StartActivity("hybridconv.run")?.SetTag("hybridconv.target", target) : null, targetTag);

    [LoggerMessage(EventId = 1, Level = LogLevel.Debug, Message = "Compiled {Model} for {Target}: {Steps} steps, arena {ArenaBytes} bytes, weights {WeightBytes} bytes.")]
    private static partial void LogCompiled(ILogger logger, string model, string target, int steps, long arenaBytes, long weightBytes);

    [LoggerMessage(EventId = 2, Level = LogLevel.Debug, Message = "Loaded {Source}: IR {Ir}, opset {Opset}, {Nodes} nodes, {Initializers} initializers.")]
    private static partial void LogLoaded(ILogger logger, string source, long ir, long opset, int nodes, int initializers);

    [LoggerMessage(EventId = 3, Level = LogLevel.Information, Message = "{Model} runs on {Target}: {Why}.")]
    private static partial void LogTaken(ILogger logger, string model, string target, string why);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "{Model}: {Node} ({Op}) runs on the host: {Target} has no kernel for it, and its operands cross over and back.")]
    private static partial void LogCrossing(ILogger logger, string model, string node, string op, string target);

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "Verification: {Mismatch}.")]
    private static partial void LogMismatch(ILogger logger, Mismatch mismatch);

    [LoggerMessage(EventId = 4, Level = LogLevel.Warning, Message = "The session on {Target} gave a wrong result; it goes on on {Other}.")]
    private static partial void LogFallBack(ILogger logger, string target, string other);

    internal readonly struct RunScope(Activity? activity, KeyValuePair<string, object?> targetTag) : IDisposable
    {
        private readonly long start = RunDuration.Enabled ? Stopwatch.GetTimestamp() : 0;

        public void Dispose()
        {
            if (start != 0)
                RunDuration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds, targetTag);
            activity?.Dispose();
        }
    }
}
