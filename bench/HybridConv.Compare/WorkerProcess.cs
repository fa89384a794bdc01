using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;

namespace HybridConv.Compare;

/// <summary>
/// The parent's end of a <see cref="Worker"/>. The child is started on the given processors, which all of its threads inherit. Only one child is ever given a
/// command at a time, and <see cref="Rest"/> is called in between: ONNX Runtime's workers spin for a while after a run, and would be measured as the other engine's time.
/// </summary>
internal sealed class WorkerProcess : IDisposable
{
    public const string Verb = "worker";

    private static readonly TimeSpan RestInterval = TimeSpan.FromMilliseconds(50), MostRest = TimeSpan.FromSeconds(10), MostAnswer = TimeSpan.FromMinutes(10);

    /// <summary>A process at rest takes no processor time; this is the unit in which Linux counts it.</summary>
    private static readonly TimeSpan Resting = TimeSpan.FromMilliseconds(10);

    private readonly string name;
    private readonly Process process;

    public WorkerProcess(Engine engine, string jobFile, Processors processors)
    {
        name = engine.Name;
        // The engine's own executable, whoever asks for it: it stands beside its assembly.
        string assembly = engine.Program.Location;
        var start = new ProcessStartInfo(Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null), [Verb, jobFile])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        process = processors.Start(start);
    }

    public Loaded Load() => Ask(Worker.LoadCommand).Loaded!;

    public Burst Warm() => Ask(Worker.WarmCommand).Burst!;

    public Burst Measure(TimeSpan time) => Ask(FormattableString.Invariant($"{Worker.MeasureCommand} {time.TotalMilliseconds}")).Burst!;

    public IReadOnlyList<KernelShare>? Profile() => Ask(Worker.ProfileCommand).Kernels;

    /// <summary>Waits until no thread of the child is running: workers have stopped spinning and are parked, compilers in the background are done.</summary>
    public void Rest()
    {
        long start = Stopwatch.GetTimestamp();
        TimeSpan used = Used();
        while (true)
        {
            Thread.Sleep(RestInterval);
            TimeSpan now = Used();
            if (now - used < Resting)
                return;
            if (Stopwatch.GetElapsedTime(start) > MostRest)
                throw new EngineException($"the {name} process still takes processor time {MostRest.TotalSeconds} s after its last run");
            used = now;
        }

        TimeSpan Used()
        {
            process.Refresh();
            try
            {
                if (!process.HasExited)
                    return process.TotalProcessorTime;
            }
            catch (Exception e) when ((e is Win32Exception or InvalidOperationException) && process.WaitForExit(MostRest))
            {
                // It ended between the question whether it has and the one for its time.
            }
            throw new EngineException($"{name}: the process ended with {process.ExitCode}");
        }
    }

    public void Dispose()
    {
        if (!process.HasExited)
            process.Kill();
        process.WaitForExit();
        process.Dispose();
    }

    private Reply Ask(string command)
    {
        process.StandardInput.WriteLine(command);
        process.StandardInput.Flush();
        Task<string?> line = process.StandardOutput.ReadLineAsync();
        if (!line.Wait(MostAnswer))
            throw new EngineException($"{name}: no answer to '{command}' within {MostAnswer.TotalMinutes} minutes");
        Reply reply = line.Result is { } text
            ? JsonSerializer.Deserialize(text, WireJson.Default.Reply)!
            : throw new EngineException($"{name}: the process ended instead of answering '{command}'");
        return reply.Error is null ? reply : throw new EngineException($"{name}: {reply.Error}");
    }
}

/// <summary>An engine could not do what it was asked; the message says which, and why.</summary>
internal sealed class EngineException(string message) : Exception(message);
