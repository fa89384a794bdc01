using HybridConv.Planning;
using HybridConv.Targets;
using HybridConv.Tools.Data;

namespace HybridConv.Tools.Reports;

/// <summary>How a network runs: every step, its kernel, why not another, and how long it takes.</summary>
/// <param name="Target">What runs the plan.</param>
/// <param name="Why">Why <c>auto</c> took it.</param>
/// <param name="ArenaBytes">The memory behind one run.</param>
/// <param name="WeightBytes">Packed weights.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="Parameters">Learned numbers.</param>
/// <param name="Steps">In the order of execution.</param>
/// <param name="Unmeasured">Why no step has a time, where times were asked for.</param>
internal sealed record ExplainReport(
    string Target, string? Why, long ArenaBytes, long WeightBytes, long Macs, long Parameters, IReadOnlyList<StepReport> Steps, string? Unmeasured = null)
{
    /// <summary>Runs of which the shortest time of each step is shown; one where the network is predicted to be slow.</summary>
    private const int MeasuredRuns = 7;

    private const double SlowNanoseconds = 1e9;

    /// <summary>Describes the plan behind a run.</summary>
    /// <param name="session">What the run is of.</param>
    /// <param name="run">The buffers; measuring fills its inputs with made-up numbers and executes it.</param>
    /// <param name="shapes">Of the run's inputs.</param>
    /// <param name="measure">Whether steps are timed.</param>
    public static ExplainReport Of(Session session, Run run, IReadOnlyDictionary<string, long[]> shapes, bool measure)
    {
        Plan plan = run.Plan;
        (Dictionary<Step, TimeSpan> times, string? whyNot) = measure ? Measure(run, RunTensors.Seeded(session.Inputs, shapes)) : ([], null);
        MachinePeak? peak = times.Count == 0 ? null : session.MeasurePeak();
        return new(
            session.Target, session.TargetReason, plan.ArenaBytes, plan.WeightBytes, plan.Steps.Sum(step => step.Cost.Macs), plan.Steps.Sum(step => step.Cost.Parameters),
            [.. plan.Steps.Select(step => new StepReport(
                step.Node.Name, step.Node.Op.Name, step.Kernel, step.Cost.Macs, step.Cost.Parameters, step.Bytes, step.Why,
                [.. step.Refused.Select(refusal => new RefusedReport(refusal.Kernel, refusal.Why))], plan.Sampling?.Unsampled.FirstOrDefault(u => u.Step == step)?.Why,
                Time(step, times, peak)))],
            whyNot);
    }

    /// <summary>The shortest time of every step that moves data; a sentence where the network does not run on made-up numbers.</summary>
    private static (Dictionary<Step, TimeSpan> Times, string? WhyNot) Measure(Run run, HostTensor[] inputs)
    {
        try
        {
            foreach ((int i, HostTensor input) in inputs.Index())
                run.Fill(i, input);
            int runs = run.Plan.Steps.Sum(step => step.Nanoseconds) > SlowNanoseconds ? 1 : MeasuredRuns;
            return (run.Profile(runs).ToDictionary(pair => pair.Step, pair => pair.Time), null);
        }
        catch (Exception e) when (e is HybridConvException or ArithmeticException or IndexOutOfRangeException)
        {
            return ([], $"the network does not run on made-up numbers: {e.Message}");
        }
    }

    private static StepTime? Time(Step step, Dictionary<Step, TimeSpan> times, MachinePeak? peak)
    {
        if (!times.TryGetValue(step, out TimeSpan time))
            return null;
        double nanoseconds = Math.Max(1, time.TotalNanoseconds), least = peak is null ? 0 : Roofline.Nanoseconds(step, peak);
        return new StepTime(
            Math.Round(nanoseconds / 1000, 2), step.Cost.Macs == 0 ? null : Math.Round(2 * step.Cost.Macs / nanoseconds, 1), least == 0 ? null : Math.Round(100 * least / nanoseconds, 1));
    }
}

/// <param name="Node">The node's name.</param>
/// <param name="Op">Its operator.</param>
/// <param name="Kernel">What runs it.</param>
/// <param name="Macs">Multiply-accumulates.</param>
/// <param name="Parameters">Learned numbers.</param>
/// <param name="Bytes">Activations and weights that it touches once.</param>
/// <param name="Why">What the choice rests on.</param>
/// <param name="Refused">Kernels that were not taken.</param>
/// <param name="Unverified">Why <c>--verify sampled</c> does not check its results; null where it does, and without it.</param>
/// <param name="Time">How long it takes; null where that was not measured, and for views.</param>
internal sealed record StepReport(
    string Node, string Op, string Kernel, long Macs, long Parameters, long Bytes, string Why, IReadOnlyList<RefusedReport> Refused, string? Unverified = null, StepTime? Time = null);

/// <param name="Us">The shortest of several times.</param>
/// <param name="Gflops">Operations, two for each multiply-accumulate, in units of 1e9 per second; null for steps without.</param>
/// <param name="PercentOfRoofline">The share of what the machine allows at most; null where that says nothing.</param>
internal sealed record StepTime(double Us, double? Gflops, double? PercentOfRoofline);

internal sealed record RefusedReport(string Kernel, string Why);
