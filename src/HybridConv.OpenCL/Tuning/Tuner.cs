using System.Diagnostics;
using HybridConv.Cl;
using HybridConv.OpenCL.Running;
using HybridConv.OpenCL.Trust;
using HybridConv.Planning;
using HybridConv.Targets;

namespace HybridConv.OpenCL.Tuning;

/// <summary>Times rows on the shapes of a network's steps. A row that answers wrongly, or does not run, gets no time.</summary>
/// <param name="context">The device.</param>
/// <param name="machine">What rows are chosen for.</param>
/// <param name="progress">Told before each spec; null for nobody.</param>
internal sealed class Tuner(DeviceContext context, ClDevice machine, IProgress<CompileProgress>? progress)
{
    /// <summary>Measurements of each row, of which the median counts; they alternate between rows, so that what disturbs one disturbs all.</summary>
    private const int Rounds = 7;

    /// <summary>A row that takes this many times what the fastest takes is measured once.</summary>
    private const double Hopeless = 3;

    /// <summary>How long one measurement lasts at least, and how often it repeats a row at most.</summary>
    private const double LeastNanoseconds = 2e6;

    private const int MostRepeats = 200;

    /// <param name="steps">The plan.</param>
    /// <param name="time">After it, no further spec is measured.</param>
    /// <param name="cancellation">Ends it between two measurements.</param>
    public TuningReport Measure(IEnumerable<PlannedStep> steps, TimeSpan time, CancellationToken cancellation)
    {
        long began = Stopwatch.GetTimestamp();
        IGrouping<string, PlannedStep>[] specs = [.. steps.Where(s => s.IsOnDevice).GroupBy(s => SpecText.Of(s.Step.Node))];
        var tuned = new List<TunedSpec>();
        foreach ((int i, IGrouping<string, PlannedStep> spec) in specs.Index())
        {
            cancellation.ThrowIfCancellationRequested();
            if (Stopwatch.GetElapsedTime(began) > time)
                break;
            Step step = spec.First().Step;
            progress?.Report(new CompileProgress($"measuring {step.Node.Op.Name} {step.Node.Name}", i, specs.Length));
            List<TunedRow> rows = Measure(Trial.Of(step.Node), cancellation);
            tuned.Add(new TunedSpec(step.Node.Op.Name, step.Node.Output.KnownShape, spec.Key, spec.Count(), step.Kernel, rows));
        }
        return new TuningReport(machine.Name, tuned);
    }

    private List<TunedRow> Measure(Trial trial, CancellationToken cancellation)
    {
        var rows = new List<TunedRow>();
        var contenders = new List<Contender>();
        try
        {
            foreach (Choice row in trial.Rows(machine))
            {
                cancellation.ThrowIfCancellationRequested();
                TunedRow first = Try(trial, row, contenders);
                rows.Add(first);
                DropHopeless(contenders);
            }
            for (int round = 0; round < Rounds; round++)
                foreach (Contender contender in contenders)
                {
                    cancellation.ThrowIfCancellationRequested();
                    contender.Samples.Add(contender.Attempt.Time(contender.Repeats));
                }
            return [.. rows.Select(row => contenders.Find(c => c.Row == row.Row) is { } contender ? row with { Nanoseconds = contender.Median } : row)];
        }
        finally
        {
            foreach (Contender contender in contenders)
                contender.Attempt.Dispose();
        }
    }

    /// <summary>Asks a row once, and times it once if it is right.</summary>
    private TunedRow Try(Trial trial, Choice row, List<Contender> contenders)
    {
        Attempt? attempt = null;
        try
        {
            attempt = trial.Attempt(context, row);
            Verdict verdict = attempt.Ask();
            if (verdict.Answer == Answer.Wrong || (machine.Reproducible && verdict.Answer == Answer.Close))
                return new TunedRow(row.Name, null, TunedRow.Wrong + verdict.Why);
            double nanoseconds = attempt.Time(1);
            contenders.Add(new Contender(row.Name, attempt, nanoseconds, (int)Math.Clamp(LeastNanoseconds / nanoseconds, 1, MostRepeats)));
            attempt = null;
            return new TunedRow(row.Name, nanoseconds, null);
        }
        catch (DeviceException e)
        {
            return new TunedRow(row.Name, null, $"failed: {e.Message}");
        }
        finally
        {
            attempt?.Dispose();
        }
    }

    private static void DropHopeless(List<Contender> contenders)
    {
        double best = contenders.Count == 0 ? 0 : contenders.Min(c => c.First);
        foreach (Contender slow in contenders.FindAll(c => c.First > Hopeless * best))
        {
            slow.Attempt.Dispose();
            contenders.Remove(slow);
        }
    }

    /// <summary>A row that may be the fastest.</summary>
    private sealed record Contender(string Row, Attempt Attempt, double First, int Repeats)
    {
        public List<double> Samples { get; } = [];

        public double Median => Samples.Order().ElementAt(Samples.Count / 2);
    }
}
