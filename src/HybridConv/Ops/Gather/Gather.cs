using System.Runtime.CompilerServices;
using HybridConv.Graphs;

namespace HybridConv.Ops.Gather;

/// <summary>Takes slices of input 0 along one axis, at the positions that input 1 lists. The indices may be data: they are checked on every run.</summary>
internal sealed partial class GatherOp : Op<GatherAttributes, GatherSpec>
{
    public override string Name => "Gather";
    public override IReadOnlyList<int> Opsets { get; } = [1, 11, 13];
    public override (int Min, int Max) Inputs => (2, 2);

    public override object Read(NodeReader node)
    {
        var attributes = new GatherAttributes(node.Int("axis", 0));
        node.RequireAllAsked();
        return attributes;
    }

    public override void Infer(GatherAttributes attributes, Inference x)
    {
        Shape data = x.Shape(0), indices = x.Shape(1);
        int axis = x.Axis(attributes.Axis, data.Rank);
        if (x.Type(1) is not (ElementType.Int64 or ElementType.Int32))
            throw x.Unsupported($"indices of {x.Type(1).Label()} are not supported; they must be int64 or int32");
        if (data.Rank - 1 + indices.Rank > Shape.MaxRank)
            throw x.Error($"{data} gathered by {indices} has more than {Shape.MaxRank} axes");
        if (x.Node.Input(1).Constant is { } known)
            foreach (long index in known.ToInt64())
                if (index < -data[axis] || index >= data[axis])
                    throw x.Error($"the index {index} is outside axis {axis} of {data}");
        x.Node.Attributes = new GatherAttributes(axis);
        x.Output(0, x.Type(0), new Shape([.. data.Dims[..axis], .. indices.Dims, .. data.Dims[(axis + 1)..]]));
    }

    public override GatherSpec Specify(GatherAttributes attributes, Node node)
    {
        Shape data = node.Input(0).KnownShape;
        int axis = (int)attributes.Axis;
        return new GatherSpec(node.Name, data.Product(0, axis), data.Dim(axis), data.Product(axis + 1, data.Rank),
            node.Input(1).KnownShape.Elements, node.Input(0).Type, node.Input(1).Type);
    }

    public override void Reference<T>(GatherSpec spec, in Operands x)
    {
        switch (Elements.SizeOf<T>(spec.Type))
        {
            case 1: Run<byte>(spec, x); break;
            case 2: Run<ushort>(spec, x); break;
            case 4: Run<uint>(spec, x); break;
            default: Run<ulong>(spec, x); break;
        }
    }

    private static void Run<E>(GatherSpec spec, in Operands x) where E : unmanaged
    {
        ReadOnlySpan<E> data = x.Input<E>(0);
        Span<E> y = x.Output<E>(0);
        int inner = (int)spec.Inner, to = 0;
        for (long outer = 0; outer < spec.Outer; outer++)
            for (int i = 0; i < spec.Count; i++, to += inner)
            {
                long row = spec.Position(spec.IndexType == ElementType.Int64 ? x.Input<long>(1)[i] : x.Input<int>(1)[i]);
                data.Slice((int)((outer * spec.AxisSize + row) * inner), inner).CopyTo(y[to..]);
            }
    }
}

/// <param name="Axis">The axis of input 0 that is indexed; may count from the end until inference.</param>
internal sealed record GatherAttributes(long Axis);

/// <summary>Dense data seen as [Outer, AxisSize, Inner] becomes [Outer, Count, Inner].</summary>
internal sealed record GatherSpec(string Node, long Outer, int AxisSize, long Inner, long Count, ElementType Type, ElementType IndexType)
{
    /// <summary>The place on the axis that an index means; negative ones count from the end.</summary>
    /// <exception cref="ShapeException">The index is outside the axis.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Position(long index)
    {
        long position = index < 0 ? index + AxisSize : index;
        return (ulong)position < (ulong)AxisSize ? position : Outside(index);
    }

    private long Outside(long index) => throw new ShapeException($"node '{Node}' (Gather): the index {index} is outside an axis of {AxisSize}");
}
