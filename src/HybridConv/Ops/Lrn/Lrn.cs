using HybridConv.Graphs;

namespace HybridConv.Ops.Lrn;

/// <summary>A local response normalization over channels.</summary>
/// <param name="Size">Channels in a window.</param>
/// <param name="Alpha">Weighs the mean of squares.</param>
/// <param name="Beta">The exponent.</param>
/// <param name="Bias">Added to the weighed mean of squares.</param>
/// <param name="ChannelsLast">Whether the channels are the last axis rather than axis 1.</param>
internal sealed record LrnAttributes(long Size, float Alpha, float Beta, float Bias, bool ChannelsLast = false);

/// <summary>A local response normalization with concrete shapes: element (o, c, i) of a dense tensor [Outer, Channels, Inner].</summary>
/// <param name="Attributes">As read.</param>
/// <param name="Outer">Elements of all axes before the channels.</param>
/// <param name="Channels">Channels of a pixel.</param>
/// <param name="Inner">Elements of all axes after the channels.</param>
/// <param name="Before">Channels of the window before its own, at most all there are.</param>
/// <param name="After">Channels of the window after its own, at most all there are.</param>
internal sealed record LrnSpec(LrnAttributes Attributes, long Outer, int Channels, long Inner, int Before, int After);

/// <summary>
/// y = x / (bias + alpha / size * s)^beta, s being the sum of the squares of x over the channels around its own, as far as there are any. In float: s is a chain of
/// fused multiply-adds over ascending channels from 0, the base one more; a power of 3/4 is sqrt(b) * sqrt(sqrt(b)).
/// </summary>
internal sealed partial class LrnOp : Op<LrnAttributes, LrnSpec>
{
    public override string Name => "LRN";
    public override IReadOnlyList<int> Opsets { get; } = [1, 13];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        if (!node.Has("size"))
            throw node.Unsupported("the attribute 'size' is missing");
        var attributes = new LrnAttributes(node.Int("size", 0), node.Float("alpha", 0.0001f), node.Float("beta", 0.75f), node.Float("bias", 1f));
        node.RequireAllAsked();
        return attributes;
    }

    public override void Infer(LrnAttributes attributes, Inference x)
    {
        x.RequireFloat32();
        if (x.Shape(0).Rank < 2)
            throw x.Error($"an input of {x.Shape(0)} has no channels");
        if (attributes.Size < 1)
            throw x.Error($"the size {attributes.Size} is not positive");
        x.Output(0, ElementType.Float32, x.Shape(0));
    }

    public override LrnSpec Specify(LrnAttributes attributes, Node node)
    {
        Shape shape = node.Output.KnownShape;
        int channel = attributes.ChannelsLast ? shape.Rank - 1 : 1, channels = shape.Dim(channel);
        return new LrnSpec(
            attributes, shape.Product(0, channel), channels, shape.Product(channel + 1, shape.Rank),
            (int)Math.Min(channels, (attributes.Size - 1) / 2), (int)Math.Min(channels, attributes.Size / 2));
    }

    public override Cost Cost(Node node) => new(node.Output.KnownShape.Elements * Math.Min(((LrnAttributes)node.Attributes).Size, int.MaxValue), 0);

    public override object? ToChannelsLast(Node node) => node.Attributes is LrnAttributes { ChannelsLast: false } attributes && node.Output.KnownShape.Rank > 2
        ? attributes with { ChannelsLast = true }
        : null;
}
