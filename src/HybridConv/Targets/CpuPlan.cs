using System.Diagnostics;
using System.Runtime.ExceptionServices;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Passes;
using HybridConv.Planning;
using HybridConv.Verification;

namespace HybridConv.Targets;

/// <summary>A network planned for this processor: bound kernels, and where their operands lie in the arena.</summary>
internal sealed class CpuPlan : Plan
{
    /// <summary>
    /// Networks that are predicted to take longer are not run once before they are asked for: what is gained would be a small part of their time. Nor are those whose runs
    /// are sampled, each of which counts.
    /// </summary>
    private const double MostWarmUpNanoseconds = 1e9;

    private readonly WorkerPool pool;
    private readonly List<CpuStep> bound = [];
    private readonly CpuSlot[] inputs, outputs;
    private readonly long valueBytes, workerScratch;
    private readonly bool poisons;
    private Execution? warm;

    private CpuPlan(Graph graph, IReadOnlyDictionary<Value, Storage> storages, long valueBytes, long workerScratch, WorkerPool pool, bool poisons)
    {
        this.workerScratch = workerScratch;
        this.pool = pool;
        this.valueBytes = valueBytes;
        this.poisons = poisons;
        inputs = [.. graph.Inputs.Select(v => CpuSlot.InArena(v, storages[v]))];
        outputs = [.. graph.Outputs.Select(v => CpuSlot.InArena(v, storages[v]))];
    }

    /// <summary>Binds the chosen rows, packing the weights that they want.</summary>
    public static CpuPlan Build(PreparedGraph prepared, IReadOnlyList<PlannedStep> steps, long valueBytes, PlanRequest request, WorkerPool pool)
    {
        (Graph graph, IReadOnlyList<PassReport> passes, IReadOnlyDictionary<Value, Storage> storages) = prepared;
        Pack(steps, request.Weights, pool.Threads);
        var bound = new List<CpuStep>();
        var used = new HashSet<PackedWeights>();
        foreach (PlannedStep step in steps)
            if (step.Choice is not null)
                bound.Add(CpuStep.Bind(step.Step.Node, step.Choice, storages, request.Weights, used));
        var sampling = SamplingPlan.Of(steps, storages, inOrder: _ => true, isWatched: _ => true, request, used);
        long workerScratch = CpuStep.ScratchBytes(bound), scratch = workerScratch * pool.Threads;
        long weights = used.Sum(w => w.Bytes), most = Math.Min(request.Options.MaxTotalBytes - weights, AlignedMemory.MaxBytes);
        long aside = sampling?.Bytes ?? 0;
        if (valueBytes + scratch + aside > most)
            throw new ResourceLimitException(
                $"a run needs {valueBytes} bytes for values and {scratch + aside} to work in on {pool.Threads} threads, and packed weights take {weights}; the limit is {request.Options.MaxTotalBytes} (MaxTotalBytes), and {AlignedMemory.MaxBytes} for one run");
        var plan = new CpuPlan(graph, storages, valueBytes, workerScratch, pool, request.Options.PoisonArena)
        {
            Steps = [.. steps.Select(s => s.Step)],
            Passes = passes,
            Outputs = [.. graph.Outputs.Select(o => (o.Type, o.KnownShape))],
            ArenaBytes = valueBytes + scratch + aside,
            WeightBytes = weights,
            Sampling = sampling,
        };
        plan.bound.AddRange(bound);
        if (sampling is null && steps.Sum(step => step.Step.Fit.Nanoseconds) <= MostWarmUpNanoseconds)
            plan.WarmUp();
        return plan;
    }

    public override PlanRun CreateRun() => Interlocked.Exchange(ref warm, null) ?? new Execution(this);

    /// <summary>Packs what the steps want, on as many threads as their runs will take: later every step finds its own.</summary>
    private static void Pack(IReadOnlyList<PlannedStep> steps, WeightStore weights, int threads)
    {
        if (threads == 1)
            return;
        try
        {
            Parallel.ForEach(steps.Where(step => step.Choice?.Pack is not null), new ParallelOptions { MaxDegreeOfParallelism = threads },
                step => weights.Get(step.Step.Node, step.Choice!.Pack!));
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }

    /// <summary>
    /// Runs all steps once, on zeros, so that the first run that is asked for finds its kernels compiled and its memory there. What goes wrong with zeros (an index or a
    /// divisor that they are not good for) does not concern the data to come.
    /// </summary>
    private void WarmUp()
    {
        var run = new Execution(this);
        try
        {
            run.Execute(default);
            run.ClearInputs();
            warm = run;
        }
        catch (Exception e) when (e is HybridConvException or ArithmeticException or ArgumentException or IndexOutOfRangeException)
        {
            run.Dispose();
        }
    }

    private sealed class Execution : PlanRun
    {
        private readonly CpuPlan plan;
        private readonly AlignedMemory arena;
        private readonly StepWork[] work;
        private readonly Operand[] inputs, outputs;

        public Execution(CpuPlan plan)
        {
            this.plan = plan;
            arena = new AlignedMemory(plan.ArenaBytes - (plan.Sampling?.Bytes ?? 0));
            Samples = plan.Sampling is { } sampling ? new SampleBoard(sampling) : null;
            work = [.. plan.bound.Select(b => b.In(arena, plan.workerScratch))];
            inputs = CpuSlot.In(plan.inputs, arena);
            outputs = CpuSlot.In(plan.outputs, arena);
            ClearInputs();
        }

        public override SampleBoard? Samples { get; }

        public override Memory<byte> Input(int index) => inputs[index].Buffer;

        public override Memory<byte> Output(int index) => outputs[index].Buffer;

        public override (ElementType Type, Shape Shape) OutputType(int index) => plan.Outputs[index];

        public override void Execute(CancellationToken cancellation) => Execute(cancellation, ticks: default);

        public override void Profile(Span<long> ticks) => Execute(default, ticks);

        private void Execute(CancellationToken cancellation, Span<long> ticks)
        {
            if (plan.poisons)
                Poison();
            nint scratch = arena.Address + (nint)plan.valueBytes;
            Samples?.Choose();
            bool shared = plan.pool.TryEnter();
            try
            {
                for (int i = 0; i < work.Length; i++)
                {
                    cancellation.ThrowIfCancellationRequested();
                    ChosenStep chosen = default;
                    bool isChosen = Samples is not null && Samples.Reaches(i, out chosen);
                    if (isChosen)
                        Samples!.Copy(chosen.Before, work[i].Inputs, work[i].Outputs);
                    long start = ticks.IsEmpty ? 0 : Stopwatch.GetTimestamp();
                    if (shared && work[i].Parallel)
                        plan.pool.Run(work[i], scratch);
                    else
                        work[i].RunAll(scratch);
                    if (!ticks.IsEmpty)
                        ticks[i] = Stopwatch.GetTimestamp() - start;
                    if (isChosen)
                        Samples!.Copy(chosen.After, work[i].Inputs, work[i].Outputs);
                }
            }
            finally
            {
                if (shared)
                    plan.pool.Leave();
            }
        }

        public void ClearInputs()
        {
            foreach (Operand input in inputs)
                input.Buffer.Span.Clear();
        }

        public override void Dispose() => arena.Dispose();

        /// <summary>All bits set: NaN in every float, so that reading what no step wrote shows in the outputs.</summary>
        private void Poison()
        {
            byte[][] kept = Array.ConvertAll(inputs, i => i.Buffer.ToArray());
            arena.Memory.Span.Fill(0xFF);
            for (int i = 0; i < kept.Length; i++)
                kept[i].CopyTo(inputs[i].Buffer);
        }
    }
}
