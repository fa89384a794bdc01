using System.Diagnostics;
using System.Globalization;
using System.Text;
using HybridConv.Planning;

namespace HybridConv.Targets;

/// <summary>
/// The target that runs a network fastest: the processor or a device beside it. Decided when the first plan is asked for, and kept for the session, by
/// a short measurement of the network itself that the machine remembers. Devices that are this processor under another name take no part: its own kernels need
/// no driver. Steps that a device has no kernel for run on the host, between two crossings that the measurement has paid for.
/// </summary>
internal sealed class AutoTarget : ITarget
{
    private const int MaxRuns = 5;

    /// <summary>The folder of the cache for times that were measured.</summary>
    private const string Entries = "auto";

    private static readonly TimeSpan TimePerTarget = TimeSpan.FromMilliseconds(300);

    private readonly object gate = new();
    private readonly SessionOptions options;
    private readonly ITargetFamily family;
    private ITarget? chosen;

    public AutoTarget(ITargetFamily family, SessionOptions options)
    {
        this.family = family;
        this.options = options;
    }

    public string Name => chosen?.Name ?? "auto";
    public int Threads => chosen?.Threads ?? 1;
    public string? Why { get; private set; }

    public MachinePeak? MeasurePeak() => chosen?.MeasurePeak();

    public Plan Compile(PlanRequest request)
    {
        lock (gate)
        {
            if (chosen is not null)
                return chosen.Compile(request);
            List<Contender> contenders = Contenders(request, out List<string> absent);
            try
            {
                Contender winner = Decide(contenders, request, absent);
                chosen = winner.Target;
                contenders.Remove(winner);
                return winner.Plan;
            }
            finally
            {
                foreach (Contender loser in contenders)
                    loser.Target.Dispose();
            }
        }
    }

    public void Dispose() => chosen?.Dispose();

    /// <summary>The processor, then every device that can run the network.</summary>
    private List<Contender> Contenders(PlanRequest request, out List<string> absent)
    {
        absent = [];
        var cpu = new CpuTarget(options);
        var contenders = new List<Contender>();
        try
        {
            contenders.Add(new Contender(cpu, cpu.Compile(request), $"cpu {Knobs.Isa} {cpu.Threads}"));
        }
        catch
        {
            cpu.Dispose();
            throw;
        }
        foreach (TargetLine line in family.Lines.Where(l => l.IsThere && !l.IsProcessor))
        {
            ITarget? device = null;
            try
            {
                device = family.Open(line.Name, options, mixes: true);
                contenders.Add(new Contender(device, device.Compile(request), line.Identity));
            }
            catch (HybridConvException e) when (e is DeviceException or UnsupportedModelException or ResourceLimitException)
            {
                device?.Dispose();
                absent.Add($"{line.Name}: {e.Message}");
            }
        }
        return contenders;
    }

    private Contender Decide(List<Contender> contenders, PlanRequest request, List<string> absent)
    {
        string without = absent.Count == 0 ? "" : $"; not {string.Join("; not ", absent)}";
        if (contenders is [var only])
        {
            Why = $"no other target can run the network{without}";
            return only;
        }
        double[]? times = Remembered(contenders, request);
        bool measuredBefore = times is not null;
        times ??= MeasureAll(contenders, request);
        int best = Array.IndexOf(times, times.Min());
        string figures = string.Join(", ", contenders.Zip(times, (c, t) => string.Create(CultureInfo.InvariantCulture, $"{c.Target.Name} {t:0.000} ms")));
        Why = $"the fastest {(measuredBefore ? "when this machine measured it" : "of a short measurement")}: {figures}{without}";
        return contenders[best];
    }

    /// <summary>Milliseconds per contender; one that fails while it is measured never wins.</summary>
    private static double[] MeasureAll(List<Contender> contenders, PlanRequest request)
    {
        var times = new double[contenders.Count];
        for (int i = 0; i < times.Length; i++)
        {
            try
            {
                times[i] = Measure(contenders[i].Plan, request);
            }
            catch (HybridConvException e) when (e is DeviceException or ResourceLimitException)
            {
                times[i] = double.PositiveInfinity;
            }
        }
        if (!times.All(double.IsFinite))
            return times;
        CacheFolder.Of(request.Options).Write(Entries, Key(contenders, request), Encoding.UTF8.GetBytes(string.Join(' ', times.Select(t => t.ToString("R", CultureInfo.InvariantCulture)))));
        return times;
    }

    /// <summary>The shortest of a few runs on numbers between -1 and 1, after one that is not counted.</summary>
    private static double Measure(Plan plan, PlanRequest request)
    {
        using PlanRun run = plan.CreateRun();
        for (int i = 0; i < request.Graph.Inputs.Count; i++)
            Fill(run.Input(i).Span, request.Graph.Inputs[i], request);
        run.Execute(default);
        double least = double.PositiveInfinity;
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < MaxRuns && (i == 0 || Stopwatch.GetElapsedTime(start) < TimePerTarget); i++)
        {
            long began = Stopwatch.GetTimestamp();
            run.Execute(default);
            least = Math.Min(least, Stopwatch.GetElapsedTime(began).TotalMilliseconds);
        }
        return least;
    }

    private static void Fill(Span<byte> bytes, Graphs.Value input, PlanRequest request)
    {
        if (request.KnownInputs.TryGetValue(input.Name, out Graphs.Tensor? known))
            known.Data.Span.CopyTo(bytes);
        else if (input.Type == ElementType.Float32)
        {
            uint state = 1;
            foreach (ref float number in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(bytes))
            {
                state = state * 1664525 + 1013904223;
                number = (int)state / -(float)int.MinValue;
            }
        }
    }

    private static double[]? Remembered(List<Contender> contenders, PlanRequest request)
    {
        if (CacheFolder.Of(request.Options).Read(Entries, Key(contenders, request)) is not { } bytes)
            return null;
        string[] words = Encoding.UTF8.GetString(bytes).Split(' ');
        var times = new double[contenders.Count];
        if (words.Length != times.Length)
            return null;
        for (int i = 0; i < times.Length; i++)
            if (!double.TryParse(words[i], NumberStyles.Float, CultureInfo.InvariantCulture, out times[i]) || times[i] < 0 || !double.IsFinite(times[i]))
                return null;
        return times;
    }

    /// <summary>By everything that a time depends on: the steps of the network and their sizes, the machines and their drivers, the version of the engine.</summary>
    private static CacheKey Key(List<Contender> contenders, PlanRequest request) => CacheKey.Of(
    [
        typeof(AutoTarget).Module.ModuleVersionId.ToString(),
        request.Options.Precision.ToString(),
        .. contenders.SelectMany(contender => contender.Plan.Steps
            .Select(step => string.Create(CultureInfo.InvariantCulture, $"{step.Node.Op.Name} {step.Kernel} {step.Cost.Macs} {step.Bytes}"))
            .Prepend(contender.Identity)),
    ]);

    private sealed record Contender(ITarget Target, Plan Plan, string Identity);
}
