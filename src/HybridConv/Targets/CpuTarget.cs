using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Passes;
using HybridConv.Planning;

namespace HybridConv.Targets;

/// <summary>This processor: plans from the operators' CPU tables, run by a pool of workers.</summary>
internal sealed class CpuTarget : ITarget
{
    private readonly CpuInfo machine;
    private readonly WorkerPool pool;

    public CpuTarget(SessionOptions options)
    {
        machine = CpuInfo.Current(options.Threads);
        pool = new WorkerPool(machine.Threads);
    }

    public string Name => "cpu";
    public int Threads => machine.Threads;

    public Plan Compile(PlanRequest request)
    {
        Graph graph = new Specialisation(request.InputShapes, request.KnownInputs, request.Options.MaxTensorBytes).Apply(request.Graph);
        IReadOnlyList<PassReport> passes = PassPipeline.Run(graph);
        OutputEdges.MakeOwn(graph);
        IReadOnlyDictionary<Value, Storage> storages = StorageAssignment.Run(graph);
        List<PlannedStep> steps = [.. graph.Nodes.Select(n => Choose(n, storages))];
        long values = ArenaLayout.Assign(storages.Values, AlignedMemory.Alignment);
        RequireWithinLimit(request, steps, values);
        return CpuPlan.Build(graph, steps, storages, values, passes, request, pool);
    }

    public void Dispose() => pool.Dispose();

    /// <summary>The cheapest row that fits; of equals, the earlier one. The reference row fits everything.</summary>
    private PlannedStep Choose(Node node, IReadOnlyDictionary<Value, Storage> storages)
    {
        Cost cost = node.Op.Cost(node);
        if (MovesNothing(node, storages))
            return new PlannedStep(new Step(node, Step.View, 0, [], cost, 0), null);

        Choice best = ReferenceRow(node, cost);
        var refused = new List<Refusal>();
        foreach (Choice choice in node.Op.Choices(node, machine))
        {
            if (!choice.Fit.Ok)
                refused.Add(new Refusal(choice.Name, choice.Fit));
            else if (choice.Pack is not null && OpenOperand(node, choice.Pack) is { } open)
                refused.Add(new Refusal(choice.Name, Fit.No($"input {open} is not a constant, and this row packs it")));
            else if (choice.Fit.Nanoseconds < best.Fit.Nanoseconds)
            {
                refused.Add(new Refusal(best.Name, best.Fit));
                best = choice;
            }
            else
                refused.Add(new Refusal(choice.Name, choice.Fit));
        }
        return new PlannedStep(new Step(node, best.Name, best.Fit.Nanoseconds, refused, cost, Traffic(node)), best);
    }

    private static Choice ReferenceRow(Node node, Cost cost)
    {
        long elements = node.Outputs.Concat(node.Inputs).Sum(v => v is null or { IsConstant: true } ? 0 : v.KnownShape.Elements);
        double nanoseconds = 1000 + 20.0 * elements + 2.0 * cost.Macs;
        return new Choice($"{node.Op.Name.ToLowerInvariant()}.reference", Fit.Yes(nanoseconds), null, _ => new ReferenceKernel(node.Op.BindReference(node)));
    }

    private static int? OpenOperand(Node node, PackFormat pack)
    {
        foreach (int i in pack.Operands)
            if (node.OptionalInput(i) is { IsConstant: false })
                return i;
        return null;
    }

    /// <summary>Whether storage assignment has made the node a matter of names: a reshape, a split into windows, a concatenation of parts in place.</summary>
    private static bool MovesNothing(Node node, IReadOnlyDictionary<Value, Storage> storages)
    {
        if (node.Inputs.Any(i => i is null || i.IsConstant))
            return false;
        bool SharesWith(Value whole, Value part) => ReferenceEquals(storages[part], storages[whole]);
        if (node.Op is IConcatenates concat)
            return node.Inputs.All(i => SharesWith(node.Output, i!)) && PartsInPlace(node, concat.Axis(node));
        return (node.Op.IsAlias(node) || node.Op is ISplits) && node.Inputs.Count > 0 && node.Outputs.All(o => SharesWith(node.Input(0), o));
    }

    private static bool PartsInPlace(Node node, int axis)
    {
        long start = 0;
        foreach (Value? part in node.Inputs)
        {
            if (!part!.View!.Equals(node.Output.View!.Window(axis, start, part.KnownShape[axis])))
                return false;
            start += part.KnownShape[axis];
        }
        return true;
    }

    private static long Traffic(Node node) =>
        node.Inputs.Concat(node.Outputs).Sum(v => v is null ? 0 : v.KnownShape.Elements * v.Type.Size());

    /// <summary>Before any weights are packed; what kernels work in is known and counted when they are bound.</summary>
    private static void RequireWithinLimit(PlanRequest request, IReadOnlyList<PlannedStep> steps, long values)
    {
        long weights = WeightBytes(steps);
        if (values + weights > request.Options.MaxTotalBytes)
            throw new ResourceLimitException($"the plan needs {values} bytes for values and {weights} for weights; the limit is {request.Options.MaxTotalBytes} (MaxTotalBytes)");
        if (values > AlignedMemory.MaxBytes)
            throw new ResourceLimitException($"the plan needs {values} bytes for values; one arena holds at most {AlignedMemory.MaxBytes}");
    }

    /// <summary>Bytes of all constants in the formats that the chosen rows want, each once.</summary>
    private static long WeightBytes(IReadOnlyList<PlannedStep> steps)
    {
        var counted = new HashSet<(Value, PackFormat?)>();
        long bytes = 0;
        foreach ((Step step, Choice? choice) in steps)
        {
            Node node = step.Node;
            IReadOnlyList<int> packed = choice?.Pack?.Operands ?? [];
            if (choice?.Pack is { } format && counted.Add((node.Input(packed[0]), format)))
                bytes += format.Bytes(format.OperandsOf(node));
            for (int i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] is { Constant: { } constant } value && !packed.Contains(i) && counted.Add((value, null)))
                    bytes += constant.Bytes;
        }
        return bytes;
    }
}

/// <summary>A step whose row is chosen and not yet bound; no choice for a step that moves nothing.</summary>
internal sealed record PlannedStep(Step Step, Choice? Choice);
