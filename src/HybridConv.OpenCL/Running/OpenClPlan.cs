using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Planning;
using HybridConv.Targets;
using HybridConv.Verification;

namespace HybridConv.OpenCL.Running;

/// <summary>A network planned for one device: bound rows, built programs, weights in place.</summary>
internal sealed class OpenClPlan : Plan
{
    public required DeviceContext Context { get; init; }
    public required IReadOnlyList<BoundStep> Bound { get; init; }
    public required IReadOnlyList<Slot> InputSlots { get; init; }
    public required IReadOnlyList<Slot> OutputSlots { get; init; }
    public required ArenaBanks Banks { get; init; }
    public required long ScratchBytes { get; init; }
    public required bool Poisons { get; init; }

    public override PlanRun CreateRun() => new OpenClRun(this);
}

/// <summary>The arena as buffers that the device allows: all of one size but the last.</summary>
/// <param name="Bytes">Of all.</param>
/// <param name="BankBytes">Of each.</param>
internal readonly record struct ArenaBanks(long Bytes, long BankBytes)
{
    public int Count => (int)Math.Max(1, (Bytes + BankBytes - 1) / BankBytes);

    public long Size(int bank) => Math.Min(BankBytes, Bytes - bank * BankBytes);

    public (int Bank, long Offset) At(long offset) => ((int)(offset / BankBytes), offset % BankBytes);
}

/// <summary>Makes plans: lays out the arena, packs and uploads weights, builds programs.</summary>
/// <param name="context">The device.</param>
/// <param name="prepared">The network.</param>
/// <param name="request">What was asked for.</param>
/// <param name="inOrder">Whether a step's row makes sums in the order of the definition.</param>
internal sealed class OpenClPlanBuilder(DeviceContext context, PreparedGraph prepared, PlanRequest request, Func<Step, bool> inOrder)
{
    /// <summary>Of every storage: a cache line and the widest vector of any device.</summary>
    private const int Alignment = 256;

    private readonly HashSet<PackedWeights> used = [];

    public OpenClPlan Build(IReadOnlyList<PlannedStep> steps)
    {
        long largest = context.Device.Facts.MaxAllocation / Alignment * Alignment;
        if (context.SharesHostMemory)
            largest = Math.Min(largest, AlignedMemory.MaxBytes / Alignment * Alignment);
        foreach (Storage storage in prepared.Storages.Values)
            if (storage.Bytes > largest)
                throw new ResourceLimitException(
                    $"the value '{storage.Values[0].Name}' takes {storage.Bytes} bytes; {context.Device.Facts.Name} allows {largest} in one buffer");
        long values = ArenaLayout.Assign(prepared.Storages.Values, Alignment, largest);
        RequireWithinLimit(values, PreparedGraph.WeightBytes(steps), 0);
        List<BoundStep> bound = [.. steps.Where(s => s.Choice is not null).Select(Bind)];
        long scratch = bound.Select(b => b.Kernel.ScratchBytes).DefaultIfEmpty(0).Max();
        var sampling = SamplingPlan.Of(steps, prepared.Storages, inOrder, isWatched: index => bound[index].Kernel is ClKernel, request, used);
        long weights = used.Sum(w => w.Bytes), aside = SampleCopies.Bytes(sampling);
        RequireWithinLimit(values, weights, scratch + aside);
        IEnumerable<ClProgram> programs = bound.Select(b => b.Kernel).OfType<ClKernel>().SelectMany(k => k.Launches).Select(l => l.Program);
        context.Programs.Build(sampling is null ? programs : programs.Append(SampleCopies.Program), request.Options.Progress);
        return new OpenClPlan
        {
            Steps = [.. steps.Select(s => s.Step)],
            Passes = prepared.Passes,
            Outputs = [.. prepared.Graph.Outputs.Select(o => (o.Type, o.KnownShape))],
            ArenaBytes = values + scratch + aside,
            WeightBytes = weights,
            Sampling = sampling,
            Context = context,
            Bound = bound,
            InputSlots = [.. prepared.Graph.Inputs.Select(v => Slot.InArena(v, prepared.Storages[v]))],
            OutputSlots = [.. prepared.Graph.Outputs.Select(v => Slot.InArena(v, prepared.Storages[v]))],
            Banks = new ArenaBanks(values, largest),
            ScratchBytes = scratch,
            Poisons = request.Options.PoisonArena,
        };
    }

    private void RequireWithinLimit(long values, long weights, long scratch)
    {
        if (values + weights + scratch > request.Options.MaxTotalBytes)
            throw new ResourceLimitException(
                $"the plan needs {values} bytes for values, {weights} for weights and {scratch} to work in; the limit is {request.Options.MaxTotalBytes} (MaxTotalBytes)");
    }

    private BoundStep Bind(PlannedStep planned)
    {
        Node node = planned.Step.Node;
        Choice choice = planned.Choice!;
        PackedWeights? packed = choice.Pack is null ? null : Use(node, choice.Pack);
        IKernel kernel = choice.Bind(packed);
        if (packed is not null)
            context.Weights(packed);
        Slot[] inputs = [.. Enumerable.Range(0, node.Inputs.Count).Select(i => InputSlot(node, i, choice, kernel))];
        Slot[] outputs = [.. node.Outputs.Select(v => Slot.InArena(v, prepared.Storages[v]))];
        return new BoundStep($"{node.Name} ({choice.Name})", kernel, inputs, outputs, packed);
    }

    private Slot InputSlot(Node node, int index, Choice choice, IKernel kernel)
    {
        if (node.Inputs[index] is not { } value || !node.Op.ReadsElements || choice.Pack?.Operands.Contains(index) == true)
            return Slot.Absent;
        if (!value.IsConstant)
            return Slot.InArena(value, prepared.Storages[value]);
        PackedWeights raw = Use(node, new RawFormat(index));
        if (kernel is ClKernel)
            context.Weights(raw);
        return Slot.Of(value, raw);
    }

    private PackedWeights Use(Node node, PackFormat format)
    {
        PackedWeights packed = request.Weights.Get(node, format);
        used.Add(packed);
        return packed;
    }
}
