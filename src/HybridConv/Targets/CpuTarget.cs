using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Planning;
using Microsoft.Extensions.Logging.Abstractions;

namespace HybridConv.Targets;

/// <summary>This processor: plans from the operators' CPU tables, run by a pool of workers.</summary>
internal sealed class CpuTarget : ITarget, ITunable
{
    private static readonly TimeSpan ProbeTime = TimeSpan.FromMilliseconds(200);

    private readonly CpuInfo machine;
    private readonly WorkerPool pool;
    private readonly TunedRows tuned;

    public CpuTarget(SessionOptions options)
    {
        machine = CpuInfo.Current(options.Threads) with { Precision = options.Precision };
        tuned = TunedRows.Of(machine.Name, options, CacheFolder.Of(options), (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger("HybridConv"));
        pool = new WorkerPool(machine.Threads);
    }

    public string Name => "cpu";
    public int Threads => machine.Threads;

    public MachinePeak MeasurePeak() =>
        new(PeakProbe.GigaflopsPerSecond(machine.Isa, Threads, ProbeTime), BandwidthProbe.GigabytesPerSecond(machine.Isa, Threads, ProbeTime));

    public Plan Compile(PlanRequest request)
    {
        (PreparedGraph prepared, List<PlannedStep> steps, long values) = Prepare(request, node => tuned.Apply(node, Rows(node, machine)));
        return CpuPlan.Build(prepared, steps, values, request, pool);
    }

    public TuningReport Tune(PlanRequest request, TimeSpan? time, CancellationToken cancellation)
    {
        IEnumerable<Choice> AsPredicted(Node node) => Rows(node, machine);
        (PreparedGraph prepared, List<PlannedStep> steps, long values) = Prepare(request, AsPredicted);
        return new CpuTuner(machine.Name, AsPredicted, steps, prepared.Storages, values, pool)
            .Measure(prepared.Graph.Inputs, request.Weights, time ?? CpuTuner.DefaultTime, request.Options.Progress, cancellation);
    }

    public void Dispose() => pool.Dispose();

    /// <summary>What the operator's table says, then the reference row, which fits everything.</summary>
    public static IEnumerable<Choice> Rows(Node node, CpuInfo machine) => [.. node.Op.Choices(node, machine), ReferenceRow(node)];

    private static Choice ReferenceRow(Node node)
    {
        long elements = node.Outputs.Concat(node.Inputs).Sum(v => v is null or { IsConstant: true } ? 0 : v.KnownShape.Elements);
        double nanoseconds = 1000 + 20.0 * elements + 2.0 * node.Op.Cost(node).Macs;
        return new Choice($"{node.Op.Name.ToLowerInvariant()}.reference", Fit.Yes(nanoseconds), null, _ => new ReferenceKernel(node.Op.BindReference(node)));
    }

    /// <summary>Chooses a row for every node, and places for all values.</summary>
    private static (PreparedGraph Graph, List<PlannedStep> Steps, long ValueBytes) Prepare(PlanRequest request, Func<Node, IEnumerable<Choice>> rows)
    {
        PreparedGraph prepared = PreparedGraph.Of(request);
        List<PlannedStep> steps = [.. prepared.Graph.Nodes.Select(node => prepared.Choose(node, rows(node))!)];
        long values = ArenaLayout.Assign(prepared.Storages.Values, AlignedMemory.Alignment);
        RequireWithinLimit(request, steps, values);
        return (prepared, steps, values);
    }

    /// <summary>Before any weights are packed; what kernels work in is known and counted when they are bound.</summary>
    private static void RequireWithinLimit(PlanRequest request, IReadOnlyList<PlannedStep> steps, long values)
    {
        long weights = PreparedGraph.WeightBytes(steps);
        if (values + weights > request.Options.MaxTotalBytes)
            throw new ResourceLimitException($"the plan needs {values} bytes for values and {weights} for weights; the limit is {request.Options.MaxTotalBytes} (MaxTotalBytes)");
        if (values > AlignedMemory.MaxBytes)
            throw new ResourceLimitException($"the plan needs {values} bytes for values; one arena holds at most {AlignedMemory.MaxBytes}");
    }
}
