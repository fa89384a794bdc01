namespace HybridConv.Ops.Elementwise;

/// <summary>A negation has no parameters.</summary>
internal sealed record NotAttributes;

/// <summary>True where the operand is false.</summary>
internal sealed class NotOp : ElementwiseOp<NotAttributes>
{
    private static readonly NotAttributes None = new();

    public override string Name => "Not";
    public override IReadOnlyList<int> Opsets { get; } = [1];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        node.RequireAllAsked();
        return None;
    }

    public override void Infer(NotAttributes attributes, Inference x)
    {
        if (x.Type(0) != ElementType.Bool)
            throw x.UnsupportedType(0);
        x.Output(0, ElementType.Bool, x.Shape(0));
    }

    public override void Reference<T>(ElementwiseSpec<NotAttributes> spec, in Operands x)
    {
        ReadOnlySpan<byte> from = x.Input<byte>(0);
        Span<bool> to = x.Output<bool>(0);
        for (var walk = new Walk(spec.Loops.Shape, spec.Loops.Strides[0], spec.Loops.Strides[1]); walk.Live; walk.Next())
            to[walk[0]] = from[walk[1]] == 0;
    }
}
