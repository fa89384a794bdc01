namespace HybridConv.Ops.Cast;

/// <summary>Changes the element type to that of input 1.</summary>
internal sealed class CastLikeOp : CastOp
{
    public override string Name => "CastLike";
    public override IReadOnlyList<int> Opsets { get; } = [15, 19, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (2, 2);

    public override object Read(NodeReader node)
    {
        node.Ignore("saturate", "round_mode");
        node.RequireAllAsked();
        return new CastAttributes(ElementType.None);
    }

    public override void Infer(CastAttributes attributes, Inference x)
    {
        if (attributes.To == ElementType.None)
            x.Absorb(attributes = new CastAttributes(x.Type(1)), keep: 1);
        base.Infer(attributes, x);
    }
}
