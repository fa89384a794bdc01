using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Passes;

/// <summary>
/// Lets a convolution, product or normalization apply the activation that follows it before it stores the result. Activations that are spelled out in several nodes
/// have been recognised before (<see cref="RecogniseActivations"/>).
/// </summary>
internal sealed class FuseActivation : IPass
{
    public string Name => "fuse-activation";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is not IActivationOp op || op.ActivationOf(node) is not { IsNone: false } activation || Host(node.Input(0)) is not Node host)
                continue;
            if (Refusal(graph, host, node.Input(0), activation) is string why)
            {
                report.Decline(node, why);
                continue;
            }
            graph.FoldIntoProducer(node, node.Input(0));
            var fusing = (IFusesActivation)host.Op;
            host.Attributes = fusing.WithActivation(host.Attributes, Composed(fusing.GetActivation(host.Attributes), activation)!.Value);
            report.Change($"{host} ends in {activation} in place of {node}");
        }
    }

    /// <summary>The node that computes the value, seen through changes of shape, when it can end in an activation.</summary>
    private static Node? Host(Value value)
    {
        while (value.Producer is Node reshape && Layouts.IsReshape(reshape))
            value = reshape.Input(0);
        return value.Producer is { Op: IFusesActivation } host && host.Output == value ? host : null;
    }

    private static string? Refusal(GraphEditor graph, Node host, Value value, Activation activation)
    {
        for (; ; value = value.Producer!.Input(0))
        {
            if (graph.IsOutput(value))
                return $"'{value.Name}' is an output of the graph";
            if (graph.UseCount(value) != 1)
                return $"'{value.Name}' has other readers";
            if (value.Producer == host)
                break;
        }
        Activation before = ((IFusesActivation)host.Op).GetActivation(host.Attributes);
        return Composed(before, activation) is null ? $"{host} ends in {before} already" : null;
    }

    /// <summary>One activation that is two in a row: any after none, a clamp after a clamp. Null for others.</summary>
    private static Activation? Composed(Activation first, Activation second)
    {
        if (first.IsNone)
            return second;
        return first.Kind == ActivationKind.Clamp && second.Kind == ActivationKind.Clamp && first.A <= first.B
            ? Activation.Clamp(Math.Min(second.B, Math.Max(second.A, first.A)), Math.Min(second.B, Math.Max(second.A, first.B)))
            : null;
    }
}
