using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.BatchNormalization;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Passes;

/// <summary>
/// Lets a pointwise convolution scale its image on the way in, where nobody else reads the scaled one: by a gate that the network computes for each channel
/// ("Squeeze-and-Excitation Networks", Hu et al., 2017), or by a batch normalization with its activation that stands before the convolution ("Identity Mappings in
/// Deep Residual Networks", He et al., 2016; DenseNet). The image is then read once and the scaled one never written.
/// </summary>
internal sealed class FuseScaling : IPass
{
    public string Name => "fuse-scaling";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node conv in graph.Nodes)
        {
            if (conv.Op is not ConvOp || conv.OptionalInput(ConvOp.Scale) is not null || conv.Input(ConvOp.Image).Producer is not Node before
                || Scaling.Of(graph, before) is not { } scaling)
                continue;
            if (Refusal(graph, conv, before) is string why)
            {
                report.Decline(before, why);
                continue;
            }
            graph.SetInput(conv, ConvOp.Image, scaling.Image);
            graph.SetInput(conv, ConvOp.Scale, scaling.Scale);
            if (scaling.Shift is not null)
                graph.SetInput(conv, ConvOp.Shift, scaling.Shift);
            conv.Attributes = (ConvAttributes)conv.Attributes with { InputActivation = scaling.Activation };
            graph.Remove(before);
            report.Change($"{conv} scales '{scaling.Image.Name}' in place of {before}");
        }
    }

    private static string? Refusal(GraphEditor graph, Node conv, Node before)
    {
        if (!ConvOp.IsPlainPointwise(conv))
            return $"{conv} is not a pointwise convolution of constant weights, channels-last and without groups";
        return graph.SoleReader(before.Output) == conv ? null : $"'{before.Output.Name}' has other readers than {conv}";
    }

    /// <summary>What a node computes of an image whose channels come last, when that is a scaling.</summary>
    private sealed record Scaling(Value Image, Value Scale, Value? Shift, Activation Activation)
    {
        public static Scaling? Of(GraphEditor graph, Node node) => node switch
        {
            { Op: BatchNormalizationOp, Attributes: BatchNormalizationAttributes { ChannelsLast: true } attributes } => OfNormalization(graph, node, attributes),
            { Op: BinaryOp<Mul>, Output.Type: ElementType.Float32 } => OfGate(node, 1) ?? OfGate(node, 0),
            _ => null,
        };

        private static Scaling? OfNormalization(GraphEditor graph, Node node, BatchNormalizationAttributes attributes)
        {
            if (ChannelAffine.OfNormalization(node, attributes.Epsilon) is not { } affine)
                return null;
            Shape image = node.Output.KnownShape;
            (Tensor scale, Tensor shift) = affine.InFloat(image[-1]);
            var shape = new Shape([.. Enumerable.Repeat(1L, image.Rank - 1), image[-1]]);
            Value Constant(string name, Tensor numbers) => graph.NewConstant($"{node.Output.Name}/{name}", numbers.Reshaped(shape));
            return new Scaling(affine.Input, Constant("scale", scale), Constant("shift", shift), attributes.Activation);
        }

        /// <summary>Operand <paramref name="gate"/> is one number per channel, or per image and channel.</summary>
        private static Scaling? OfGate(Node node, int gate)
        {
            Value numbers = node.Input(gate), image = node.Input(1 - gate);
            Shape shape = image.KnownShape;
            if (shape.Rank < 3 || shape != node.Output.KnownShape || !ConvOp.ScalesImage(numbers.KnownShape, shape, channelsLast: true))
                return null;
            return new Scaling(image, numbers, null, default);
        }
    }
}
