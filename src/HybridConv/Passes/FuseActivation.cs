using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Passes;

/// <summary>
/// Lets a convolution, product or normalization apply the activation that follows it before it stores the result. SiLU is spelled x * Sigmoid(x); the other spellings
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
            if (node.Op is BinaryOp<Mul> && (Sigmoid(node, 1) ?? Sigmoid(node, 0)) is Node sigmoid)
                Fuse(graph, report, node, Activation.Silu, sigmoid);
            else if (node.Op is IActivationOp op && op.ActivationOf(node) is { IsNone: false } activation && !IsPartOfSilu(graph, node))
                Fuse(graph, report, node, activation, null);
        }
    }

    /// <param name="graph">The graph.</param>
    /// <param name="report">What was done.</param>
    /// <param name="node">The node that completes the activation.</param>
    /// <param name="activation">What it is.</param>
    /// <param name="inner">The other node that is a part of it, if there is one; it reads the same value.</param>
    private static void Fuse(GraphEditor graph, PassReport report, Node node, Activation activation, Node? inner)
    {
        Value input = (inner ?? node).Input(0);
        if (Host(input) is not Node host)
            return;
        if (Refusal(graph, host, input, inner is null ? 1 : 2, activation) is string why)
            report.Decline(node, why);
        else if (inner is not null && graph.SoleReader(inner.Output) != node)
            report.Decline(node, $"'{inner.Output.Name}' has other readers");
        else
        {
            if (inner is not null)
            {
                graph.Redirect(inner.Output, input);
                graph.Remove(inner);
            }
            graph.FoldIntoProducer(node, input);
            var fusing = (IFusesActivation)host.Op;
            host.Attributes = fusing.WithActivation(host.Attributes, Composed(fusing.GetActivation(host.Attributes), activation)!.Value);
            report.Change($"{host} ends in {activation} in place of {node}");
        }
    }

    private static bool IsPartOfSilu(GraphEditor graph, Node node) =>
        graph.SoleReader(node.Output) is { Op: BinaryOp<Mul> } product && (Sigmoid(product, 1) ?? Sigmoid(product, 0)) == node;

    /// <summary>The sigmoid of the other operand that operand <paramref name="index"/> is, if it is that.</summary>
    private static Node? Sigmoid(Node product, int index) =>
        product.Input(index).Producer is { Op: UnaryOp<Sigmoid> } sigmoid && sigmoid.Input(0) == product.Input(1 - index) ? sigmoid : null;

    /// <summary>The node that computes the value, seen through changes of shape, when it can end in an activation.</summary>
    private static Node? Host(Value value)
    {
        while (value.Producer is Node reshape && Layouts.IsReshape(reshape))
            value = reshape.Input(0);
        return value.Producer is { Op: IFusesActivation } host && host.Output == value ? host : null;
    }

    private static string? Refusal(GraphEditor graph, Node host, Value value, int readers, Activation activation)
    {
        for (; ; value = value.Producer!.Input(0), readers = 1)
        {
            if (graph.IsOutput(value))
                return $"'{value.Name}' is an output of the graph";
            if (graph.UseCount(value) != readers)
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
