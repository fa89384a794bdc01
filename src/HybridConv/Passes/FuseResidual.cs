using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Passes;

/// <summary>Lets a convolution or product add another tensor of its output's shape before it stores the result, in place of an Add after it.</summary>
internal sealed class FuseResidual : IPass
{
    public string Name => "fuse-residual";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        var positions = new Dictionary<Node, int>();
        foreach (Node node in graph.Nodes)
            positions.Add(node, positions.Count);

        foreach (Node add in graph.Nodes)
        {
            if (add.Op is not (BinaryOp<Add> or VariadicOp<Sum>) || add.Inputs.Count != 2 || add.Output.Type != ElementType.Float32)
                continue;
            // Of two that could, the later one: the other one's result is there by then, and nothing has to wait for it.
            Node? host = null;
            string? why = null;
            for (int i = 0; i < 2; i++)
            {
                if (add.Input(i).Producer is not { Op: IAddsResidual } producer)
                    continue;
                if (Refusal(graph, add, producer, add.Input(1 - i)) is string refusal)
                    why ??= refusal;
                else if (host is null || positions[producer] > positions[host])
                    host = producer;
            }
            if (host is not null)
                Fuse(graph, report, add, host);
            else if (why is not null)
                report.Decline(add, why);
        }
    }

    private static string? Refusal(GraphEditor graph, Node add, Node producer, Value other)
    {
        var fusing = (IAddsResidual)producer.Op;
        if (other.KnownShape != producer.Output.KnownShape)
            return $"{other} is broadcast over {producer.Output}";
        if (graph.SoleReader(producer.Output) != add)
            return $"'{producer.Output.Name}' has other readers";
        if (producer.OptionalInput(fusing.ResidualInput) is Value residual)
            return $"{producer} adds '{residual.Name}' already";
        Activation activation = fusing.GetActivation(producer.Attributes);
        return activation.IsNone ? null : $"{producer} ends in {activation}";
    }

    private static void Fuse(GraphEditor graph, PassReport report, Node add, Node host)
    {
        Value result = host.Output, residual = add.Input(0) == result ? add.Input(1) : add.Input(0);
        graph.FoldIntoProducer(add, result);
        graph.SetInput(host, ((IAddsResidual)host.Op).ResidualInput, residual);
        report.Change($"{host} adds '{residual.Name}' in place of {add}");
    }
}
