using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Passes;
using HybridConv.Targets;

namespace HybridConv.Planning;

/// <summary>A step whose row is chosen and not yet bound; no choice for a step that moves nothing.</summary>
internal sealed record PlannedStep(Step Step, Choice? Choice)
{
    /// <summary>In a device's plan, whether the device runs it: it moves something, and not on the host.</summary>
    public bool IsOnDevice => Choice is not null && !Step.Kernel.StartsWith(Step.Host, StringComparison.Ordinal);
}

/// <summary>A network made ready for choosing kernels: shapes concrete, rewritten by the passes, every value in its storage.</summary>
/// <param name="Graph">The plan's own.</param>
/// <param name="Passes">What they changed.</param>
/// <param name="Storages">Of every value; they have no offsets yet.</param>
internal sealed record PreparedGraph(Graph Graph, IReadOnlyList<PassReport> Passes, IReadOnlyDictionary<Value, Storage> Storages)
{
    public static PreparedGraph Of(PlanRequest request)
    {
        Graph graph = new Specialisation(request.InputShapes, request.KnownInputs, request.Options.MaxTensorBytes).Apply(request.Graph);
        IReadOnlyList<PassReport> passes = PassPipeline.Run(graph);
        OutputEdges.MakeOwn(graph);
        return new PreparedGraph(graph, passes, StorageAssignment.Run(graph));
    }

    /// <summary>The cheapest row that fits; of equals, the earlier one.</summary>
    /// <param name="node">One of the graph's.</param>
    /// <param name="choices">What the target's rows say about it, best first.</param>
    /// <returns>No choice, and the kernel "view", when nothing needs to move; null when no row fits.</returns>
    public PlannedStep? Choose(Node node, IEnumerable<Choice> choices)
    {
        Cost cost = node.Op.Cost(node);
        if (MovesNothing(node))
            return new PlannedStep(new Step(node, Step.View, Fit.Yes(0), [], cost, 0), null);

        Choice? best = null;
        var refused = new List<Refusal>();
        foreach (Choice choice in choices)
        {
            if (!choice.Fit.Ok)
                refused.Add(new Refusal(choice.Name, choice.Fit));
            else if (choice.Pack is not null && OpenOperand(node, choice.Pack) is { } open)
                refused.Add(new Refusal(choice.Name, Fit.No($"input {open} is not a constant, and this row packs it")));
            else if (best is null || choice.Fit.Nanoseconds < best.Fit.Nanoseconds)
            {
                if (best is not null)
                    refused.Add(new Refusal(best.Name, best.Fit));
                best = choice;
            }
            else
                refused.Add(new Refusal(choice.Name, choice.Fit));
        }
        return best is null ? null : new PlannedStep(new Step(node, best.Name, best.Fit, refused, cost, Traffic(node)), best);
    }

    /// <summary>Bytes of all constants in the formats that the chosen rows want, each once.</summary>
    public static long WeightBytes(IEnumerable<PlannedStep> steps)
    {
        var counted = new HashSet<(Value?, PackFormat?)>();
        long bytes = 0;
        foreach ((Step step, Choice? choice) in steps)
        {
            Node node = step.Node;
            IReadOnlyList<int> packed = choice?.Pack?.Operands ?? [];
            if (choice?.Pack is { } format && counted.Add((packed.Count > 0 ? node.Input(packed[0]) : null, format)))
                bytes += format.Bytes(format.OperandsOf(node));
            for (int i = 0; i < node.Inputs.Count; i++)
                if (node.Inputs[i] is { Constant: { } constant } value && !packed.Contains(i) && counted.Add((value, null)))
                    bytes += constant.Bytes;
        }
        return bytes;
    }

    private static int? OpenOperand(Node node, PackFormat pack)
    {
        foreach (int i in pack.Operands)
            if (node.OptionalInput(i) is { IsConstant: false })
                return i;
        return null;
    }

    /// <summary>Whether storage assignment has made the node a matter of names: a reshape, a split into windows, a concatenation of parts in place.</summary>
    private bool MovesNothing(Node node)
    {
        if (node.Inputs.Any(i => i is null || i.IsConstant))
            return false;
        bool SharesWith(Value whole, Value part) => ReferenceEquals(Storages[part], Storages[whole]);
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
}
