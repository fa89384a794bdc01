using HybridConv.Graphs;

namespace HybridConv.Ops.Elementwise;

/// <summary>How two operands meet.</summary>
/// <param name="Axis">
/// Null where numpy's rule holds: axes meet from the last one on. Otherwise the axis of operand 0 at which operand 1's first axis lies, as models
/// before opset 7 write it; a single element then still meets everything.
/// </param>
internal record BinaryAttributes(int? Axis = null);

/// <summary>What all operators of two elements have in common: broadcasting.</summary>
internal abstract class PairwiseOp : ElementwiseOp<BinaryAttributes>
{
    public sealed override (int Min, int Max) Inputs => (2, 2);

    public override object Read(NodeReader node)
    {
        int? axis = null;
        if (node.Opset < 7)
        {
            node.Ignore("consumed_inputs");
            bool broadcasts = node.Int("broadcast", 0) != 0;
            if (broadcasts && node.Has("axis"))
                axis = node.Int("axis", 0) is >= 0 and < Shape.MaxRank and long value
                    ? (int)value
                    : throw node.Unsupported($"the broadcast axis {node.Int("axis", 0)} is not supported");
            else
                node.Ignore("axis");
        }
        node.RequireAllAsked();
        return new BinaryAttributes(axis);
    }

    public sealed override void Infer(BinaryAttributes attributes, Inference x)
    {
        ElementType type = ResultType(x);
        if (attributes.Axis is int axis)
            attributes = Align(axis, x);
        x.Output(0, type, Shape.Broadcast(x.Shape(0), Aligned(attributes, x.Shape(0), x.Shape(1))));
    }

    /// <summary>The element type of the output, which the operands' must fit: by default they are all of one type.</summary>
    protected virtual ElementType ResultType(Inference x)
    {
        if (!Takes(x.Type(0)))
            throw x.UnsupportedType(0);
        if (x.Type(0) != x.Type(1))
            throw x.Error($"the operands are {x.Type(0).Label()} and {x.Type(1).Label()}; they must be of one type");
        return x.Type(0);
    }

    protected abstract bool Takes(ElementType type);

    public sealed override object? Permute(Node node, IReadOnlyList<int> permutation) =>
        ((BinaryAttributes)node.Attributes).Axis is null ? base.Permute(node, permutation) : null;

    protected sealed override long[] InputStrides(BinaryAttributes attributes, int input, TensorView view, Shape output)
    {
        if (input == 0 || attributes.Axis is null)
            return base.InputStrides(attributes, input, view, output);
        var strides = new long[output.Rank];
        for (int i = 0; i < view.Shape.Rank; i++)
            strides[attributes.Axis.Value + i] = view.Shape[i] == 1 ? 0 : view.Strides[i];
        return strides;
    }

    protected static void Each<TA, TB, TY, M>(LoopNest loops, in Operands x, M map)
        where TA : unmanaged where TB : unmanaged where TY : unmanaged where M : struct, IMap<TA, TB, TY>
    {
        ReadOnlySpan<TA> a = x.Input<TA>(0);
        ReadOnlySpan<TB> b = x.Input<TB>(1);
        Span<TY> to = x.Output<TY>(0);
        for (var walk = new Walk(loops.Shape, loops.Strides[0], loops.Strides[1], loops.Strides[2]); walk.Live; walk.Next())
            to[walk[0]] = map.Apply(a[walk[1]], b[walk[2]]);
    }

    /// <summary>Gives a constant operand 1 its missing axes, so that numpy's rule holds from then on; checks the axis for others.</summary>
    private static BinaryAttributes Align(int axis, Inference x)
    {
        Shape a = x.Shape(0), b = x.Shape(1);
        BinaryAttributes? simple = b.Elements == 1 && b.Rank <= a.Rank || axis + b.Rank == a.Rank ? new BinaryAttributes() : null;
        if (simple is null && axis + b.Rank > a.Rank)
            throw x.Error($"operand 1 of rank {b.Rank} does not lie at axis {axis} of {a}");
        if (simple is null && x.Node.Input(1).Constant is { } constant)
        {
            Shape full = Aligned(new BinaryAttributes(axis), a, b);
            x.Node.Inputs[1] = Value.Of(constant.Reshaped(full), x.Node.Input(1).Name + "/aligned");
            simple = new BinaryAttributes();
        }
        simple ??= new BinaryAttributes(axis);
        x.Node.Attributes = simple;
        return simple;
    }

    /// <summary>Operand 1's shape with ones after it, where it does not end at operand 0's last axis.</summary>
    private static Shape Aligned(BinaryAttributes attributes, Shape a, Shape b)
    {
        if (attributes.Axis is not int axis)
            return b;
        var dims = new long[a.Rank - axis];
        Array.Fill(dims, 1);
        b.Dims.CopyTo(dims);
        return new Shape(dims);
    }

    protected interface IMap<TA, TB, TY>
    {
        TY Apply(TA a, TB b);
    }
}
