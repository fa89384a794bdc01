using System.Diagnostics;
using System.Globalization;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Planning;

namespace HybridConv.Targets;

/// <summary>
/// Times rows of this processor inside runs of the whole network, each step by another row in every run: so each finds its weights where the steps before it have left
/// them, and its image in the cache of the thread that wrote it. A loop over one step alone would find both at hand.
/// </summary>
internal sealed class CpuTuner
{
    /// <summary>How long measured runs take in all where nobody says otherwise.</summary>
    public static readonly TimeSpan DefaultTime = TimeSpan.FromMilliseconds(200);

    /// <summary>A row that is predicted to take this many times what the fastest takes is not measured.</summary>
    private const double Hopeless = 3;

    /// <summary>Rows with fewer measurements get no time: a single one says little.</summary>
    private const int LeastSamples = 3;

    private const ulong Seed = 5;

    private readonly string machine;
    private readonly WorkerPool pool;
    private readonly long valueBytes;
    private readonly IReadOnlyDictionary<Value, Storage> storages;
    private readonly List<Spec> specs = [];
    private readonly List<Turn> turns = [];

    /// <param name="machine">What the measurements are filed under.</param>
    /// <param name="rows">What the target knows about a node.</param>
    /// <param name="steps">The plan, whose values have their places.</param>
    /// <param name="storages">Of every value.</param>
    /// <param name="valueBytes">The arena's size.</param>
    /// <param name="pool">Runs the steps.</param>
    public CpuTuner(
        string machine, Func<Node, IEnumerable<Choice>> rows, IReadOnlyList<PlannedStep> steps, IReadOnlyDictionary<Value, Storage> storages, long valueBytes, WorkerPool pool)
    {
        this.machine = machine;
        this.pool = pool;
        this.valueBytes = valueBytes;
        this.storages = storages;
        var byText = new Dictionary<string, Spec>();
        foreach (PlannedStep planned in steps.Where(planned => planned.Choice is not null))
        {
            Node node = planned.Step.Node;
            Choice[] fitting = [.. rows(node).Where(row => row.CanRun(node))];
            string text = SpecText.Of(node);
            if (!byText.TryGetValue(text, out Spec? spec))
                specs.Add(byText[text] = spec = new Spec(text, planned.Step, fitting));
            turns.Add(new Turn(spec, spec.Steps++, node, [.. fitting.Where(spec.IsContender)]));
        }
    }

    /// <param name="inputs">The network's, filled with numbers.</param>
    /// <param name="weights">Packs what the rows want.</param>
    /// <param name="time">How long measured runs take in all; runs before them, which are not counted, compile the rows' code.</param>
    /// <param name="progress">Told of the runs; null for nobody.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    public TuningReport Measure(IEnumerable<Value> inputs, WeightStore weights, TimeSpan time, IProgress<CompileProgress>? progress, CancellationToken cancellation)
    {
        var used = new HashSet<PackedWeights>();
        CpuStep[][] bound = [.. turns.Select(turn => turn.Rows.Select(row => CpuStep.Bind(turn.Node, row, storages, weights, used)).ToArray())];
        long scratch = CpuStep.ScratchBytes(bound.SelectMany(rows => rows));
        using var arena = new AlignedMemory(checked(valueBytes + scratch * pool.Threads));
        foreach (Value input in inputs)
            Fill(input, CpuSlot.In([CpuSlot.InArena(input, storages[input])], arena)[0]);
        StepWork[][] work = Array.ConvertAll(bound, rows => Array.ConvertAll(rows, step => step.In(arena, scratch)));

        int warmUps = specs.Select(spec => spec.Contenders - spec.Steps + 1).Append(1).Max(), round = 0;
        for (; round < warmUps; round++)
        {
            progress?.Report(new CompileProgress("compiling rows", round, warmUps + 1));
            Execute(work, arena, round, counts: false, cancellation);
        }
        progress?.Report(new CompileProgress("measuring", warmUps, warmUps + 1));
        long began = Stopwatch.GetTimestamp();
        TimeSpan left = time, last = TimeSpan.Zero;
        while (left > last)
        {
            Execute(work, arena, round++, counts: true, cancellation);
            TimeSpan now = time - Stopwatch.GetElapsedTime(began);
            (left, last) = (now, left - now);
        }
        GC.KeepAlive(used);
        return new TuningReport(machine, [.. specs.Select(spec => spec.Report())]);
    }

    private void Execute(StepWork[][] work, AlignedMemory arena, int round, bool counts, CancellationToken cancellation)
    {
        nint scratch = arena.Address + (nint)valueBytes;
        bool shared = pool.TryEnter();
        try
        {
            foreach ((int i, Turn turn) in turns.Index())
            {
                cancellation.ThrowIfCancellationRequested();
                int row = (round + turn.Ordinal) % turn.Rows.Length;
                StepWork step = work[i][row];
                long start = Stopwatch.GetTimestamp();
                if (shared && step.Parallel)
                    pool.Run(step, scratch);
                else
                    step.RunAll(scratch);
                // Some clocks stand still for as long as the smallest steps take.
                if (counts)
                    turn.Spec.Add(turn.Rows[row].Name, Math.Max(1, Stopwatch.GetElapsedTime(start).TotalNanoseconds));
            }
        }
        finally
        {
            if (shared)
                pool.Leave();
        }
    }

    /// <summary>Numbers of common size: zeros would stay zeros, and denormal numbers are slow. Integers, which may be indices, stay 0.</summary>
    private static void Fill(Value input, Operand operand)
    {
        operand.Buffer.Span.Clear();
        if (input.Type == ElementType.Float32)
            SeededWeights.Uniform(input.KnownShape, input.Name, Seed, centre: 0, spread: 1).Data.Span.CopyTo(operand.Buffer.Span);
    }

    /// <summary>A step of the plan.</summary>
    /// <param name="Spec">What it computes.</param>
    /// <param name="Ordinal">How many steps before it have the same spec: they take turns, so that one run measures several rows.</param>
    /// <param name="Node">Of the step.</param>
    /// <param name="Rows">The contenders.</param>
    private sealed record Turn(Spec Spec, int Ordinal, Node Node, Choice[] Rows);

    /// <summary>What one or several steps compute, and what was measured of it.</summary>
    private sealed class Spec(string text, Step first, Choice[] fitting)
    {
        private readonly double least = fitting.Min(row => row.Fit.Predicted);
        private readonly Dictionary<string, List<double>> samples = [];

        public int Steps { get; set; }

        public int Contenders => fitting.Count(IsContender);

        public bool IsContender(Choice row) => row.Fit.Predicted <= Hopeless * least;

        public void Add(string row, double nanoseconds)
        {
            if (!samples.TryGetValue(row, out List<double>? times))
                samples[row] = times = [];
            times.Add(nanoseconds);
        }

        public TunedSpec Report()
        {
            bool isMeasured = fitting.Where(IsContender).All(row => samples.GetValueOrDefault(row.Name) is { Count: >= LeastSamples });
            return new TunedSpec(first.Node.Op.Name, first.Node.Outputs[0].KnownShape, text, Steps, first.Kernel, [.. fitting.Select(row => Report(row, isMeasured))]);
        }

        private TunedRow Report(Choice row, bool isMeasured) =>
            !IsContender(row) ? new TunedRow(row.Name, null, string.Create(CultureInfo.InvariantCulture, $"predicted to take {row.Fit.Predicted / least:0.0} times as long as the fastest"))
            : isMeasured ? new TunedRow(row.Name, samples[row.Name].Order().ElementAt(samples[row.Name].Count / 2), null)
            : new TunedRow(row.Name, null, "the time was too short to measure it");
    }
}
