using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Gemm;

namespace HybridConv.Passes;

/// <summary>
/// Moves a batch normalization, or a multiplication or addition of one constant per channel, into the weights and bias of the convolution or product before it;
/// one after the other, so that whole chains (convolution, normalization, scale, shift) disappear.
/// </summary>
internal sealed class FoldBatchNormalization : IPass
{
    public string Name => "fold-batch-normalization";
    public bool PreservesBits => false;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node node in graph.Nodes)
        {
            if (ChannelAffine.Of(node) is not { Input.Producer: Node host } affine || WeightChannels.Of(host) is not WeightChannels channels)
                continue;
            if (Refusal(graph, host, channels, affine) is string why)
                report.Decline(node, why);
            else
            {
                Fold(graph, host, channels, affine);
                graph.FoldIntoProducer(node, affine.Input);
                report.Change($"{node} is in the weights of {host}");
            }
        }
    }

    private static string? Refusal(GraphEditor graph, Node host, WeightChannels channels, ChannelAffine affine)
    {
        if (graph.SoleReader(host.Output) is null)
            return $"'{host.Output.Name}' has other readers";
        if (host.Op is IFusesActivation fusing && fusing.GetActivation(host.Attributes) is { IsNone: false } activation)
            return $"{host} ends in {activation}";
        if (host.Op is IAddsResidual adding && host.OptionalInput(adding.ResidualInput) is Value residual)
            return $"{host} adds '{residual.Name}'";
        if (!host.Input(channels.Weights).IsConstant)
            return $"the weights of {host} are not constant";
        if (host.OptionalInput(channels.Bias) is { } bias && (!bias.IsConstant || bias.KnownShape.Elements != channels.Count || bias.KnownShape[-1] != channels.Count))
            return $"the bias of {host}, {bias}, is not one constant per channel";
        if (host.Attributes is GemmAttributes { Beta: not 1 } gemm)
            return FormattableString.Invariant($"{host} multiplies its bias by {gemm.Beta}");
        return affine.Refusal();
    }

    private static void Fold(GraphEditor graph, Node host, WeightChannels channels, ChannelAffine affine)
    {
        Value weights = host.Input(channels.Weights);
        Value? bias = host.OptionalInput(channels.Bias);
        if (affine.Scale is Tensor scale)
            graph.SetInput(host, channels.Weights, graph.NewConstant($"{weights.Name}/scaled", channels.Scaled(weights.Constant!, scale)));
        if (affine.Moved(bias?.Constant?.Reshaped(new Shape(channels.Count)), channels.Count) is Tensor moved)
            graph.SetInput(host, channels.Bias, graph.NewConstant($"{bias?.Name ?? host.Output.Name + "/bias"}/moved", moved));
    }
}
