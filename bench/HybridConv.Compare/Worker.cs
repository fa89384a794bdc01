using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Tools;
using HybridConv.Tools.Data;

namespace HybridConv.Compare;

/// <summary>
/// The child process of one engine: reads one command a line, answers each with one line of JSON. It does nothing between commands.
/// <code>load              loads the model and runs it once      -> Loaded
/// warm              runs until the times no longer fall   -> Burst
/// measure MS        runs for so many milliseconds         -> Burst
/// profile           runs step by step                     -> Kernels</code>
/// </summary>
internal sealed class Worker(Job job, IReadOnlyList<Engine> engines) : IDisposable
{
    public const string LoadCommand = "load", WarmCommand = "warm", MeasureCommand = "measure", ProfileCommand = "profile";

    /// <summary>
    /// Runs at the start of a burst that are not counted, as long as they take no longer than a wake: they wake the workers and fetch weights that the other
    /// process has driven from the caches. There is at least one.
    /// </summary>
    private const int Uncounted = 3;

    private const int LeastRuns = 3;

    /// <summary>Times are flat when this many blocks in a row were no faster, by more than the tolerance, than the best block before them.</summary>
    private const int FlatBlocks = 5;

    private const double FlatTolerance = 0.02, WarmBlockMs = 150, WakeMs = 200, MostWarmMs = 20_000;

    private IEngine? engine;

    public static int Serve(string jobFile, IReadOnlyList<Engine> engines, TextReader commands, TextWriter replies)
    {
        Job job = JsonSerializer.Deserialize(File.ReadAllText(jobFile), WireJson.Default.Job) ?? throw new UsageException($"'{jobFile}' holds no job");
        using var worker = new Worker(job, engines);
        while (commands.ReadLine() is { } command)
        {
            Reply reply;
            try
            {
                reply = worker.Answer(command.Split(' '));
            }
            // Whatever an engine throws is the parent's to report.
            catch (Exception e)
            {
                reply = new Reply(Error: e is HybridConvException or EngineException ? e.Message : $"{e.GetType().Name}: {e.Message}");
            }
            replies.WriteLine(JsonSerializer.Serialize(reply, WireJson.Default.Reply));
            replies.Flush();
        }
        return ExitCodes.Ok;
    }

    public void Dispose() => engine?.Dispose();

    private Reply Answer(string[] command) => command switch
    {
        [LoadCommand] => new Reply(Loaded: Load()),
        [WarmCommand] => new Reply(Burst: Warm()),
        [MeasureCommand, var time] => new Reply(Burst: Measure(double.Parse(time, CultureInfo.InvariantCulture))),
        [ProfileCommand] => new Reply(Kernels: engine!.Profile()),
        _ => throw new ArgumentException($"there is no command '{string.Join(' ', command)}'"),
    };

    private Loaded Load()
    {
        HostTensor[] inputs = [.. job.Inputs.Select(input => input.Read())];
        long start = Stopwatch.GetTimestamp();
        engine = engines.Of(job).Load(job, inputs);
        double load = Stopwatch.GetElapsedTime(start).TotalMilliseconds, first = Time();
        return new Loaded(engine.Name, engine.Options, load, first,
            [.. engine.Outputs().Select((output, i) => StoredTensor.Write(output, Path.Combine(job.Outputs, $"{job.Engine}.{job.Variant}.{i}")))]);
    }

    private Burst Warm()
    {
        long start = Stopwatch.GetTimestamp();
        var all = new List<double>();
        double best = double.PositiveInfinity;
        for (int flat = 0; flat < FlatBlocks && Stopwatch.GetElapsedTime(start).TotalMilliseconds < MostWarmMs; flat++)
        {
            double[] block = Runs(WarmBlockMs, least: 1);
            all.AddRange(block);
            double median = Quantiles.Median(block);
            if (median < best * (1 - FlatTolerance))
                flat = -1;
            best = Math.Min(best, median);
        }
        return Result([.. all]);
    }

    private Burst Measure(double milliseconds)
    {
        double woken = 0;
        for (int i = 0; i < Uncounted && woken < WakeMs; i++)
            woken += Time();
        return Result(Runs(milliseconds, LeastRuns));
    }

    private double[] Runs(double milliseconds, int least)
    {
        var times = new List<double>();
        long start = Stopwatch.GetTimestamp();
        do
            times.Add(Time());
        while (times.Count < least || Stopwatch.GetElapsedTime(start).TotalMilliseconds < milliseconds);
        return [.. times];
    }

    private double Time()
    {
        long start = Stopwatch.GetTimestamp();
        engine!.Execute();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    private static Burst Result(double[] times)
    {
        using Process self = Process.GetCurrentProcess();
        return new Burst(times, self.PeakWorkingSet64);
    }
}
