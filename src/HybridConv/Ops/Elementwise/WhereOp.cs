using HybridConv.Graphs;

namespace HybridConv.Ops.Elementwise;

/// <summary>A choice has no parameters.</summary>
internal sealed record WhereAttributes;

/// <summary>Operand 1 where operand 0 is true, else operand 2, with broadcasting. Elements are opaque: only their size matters.</summary>
internal sealed partial class WhereOp : ElementwiseOp<WhereAttributes>
{
    private static readonly WhereAttributes None = new();

    public override string Name => "Where";
    public override IReadOnlyList<int> Opsets { get; } = [9, 16];
    public override (int Min, int Max) Inputs => (3, 3);

    public override object Read(NodeReader node)
    {
        node.RequireAllAsked();
        return None;
    }

    public override void Infer(WhereAttributes attributes, Inference x)
    {
        if (x.Type(0) != ElementType.Bool)
            throw x.Error($"the condition is {x.Type(0).Label()}; it must be bool");
        if (x.Type(1) != x.Type(2))
            throw x.Error($"the choices are {x.Type(1).Label()} and {x.Type(2).Label()}; they must be of one type");
        x.Output(0, x.Type(1), Shape.Broadcast(x.Shape(0), Shape.Broadcast(x.Shape(1), x.Shape(2))));
    }

    public override void Reference<T>(ElementwiseSpec<WhereAttributes> spec, in Operands x)
    {
        switch (Elements.SizeOf<T>(x.OutputType(0)))
        {
            case 1: Each<byte>(spec.Loops, x); break;
            case 2: Each<ushort>(spec.Loops, x); break;
            case 4: Each<uint>(spec.Loops, x); break;
            default: Each<ulong>(spec.Loops, x); break;
        }
    }

    private static void Each<E>(LoopNest loops, in Operands x) where E : unmanaged
    {
        ReadOnlySpan<byte> condition = x.Input<byte>(0);
        ReadOnlySpan<E> chosen = x.Input<E>(1), otherwise = x.Input<E>(2);
        Span<E> to = x.Output<E>(0);
        for (var walk = new Walk(loops.Shape, loops.Strides[0], loops.Strides[1], loops.Strides[2], loops.Strides[3]); walk.Live; walk.Next())
            to[walk[0]] = condition[walk[1]] != 0 ? chosen[walk[2]] : otherwise[walk[3]];
    }
}
