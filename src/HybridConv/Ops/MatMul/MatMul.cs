using HybridConv.Graphs;
using HybridConv.Ops.Gemm;

namespace HybridConv.Ops.MatMul;

/// <param name="Activation">Applied to the result, after the residual (input 2) if there is one.</param>
internal sealed record MatMulAttributes(Activation Activation = default);

/// <summary>Numpy's matmul: matrices in the last two axes, the other axes broadcast; a vector is a row on the left and a column on the right, and its axis vanishes.</summary>
internal sealed partial class MatMulOp : Op<MatMulAttributes, ProductSpec>, IAddsResidual
{
    private const int A = 0, B = 1, Residual = 2;

    public override string Name => "MatMul";
    public override IReadOnlyList<int> Opsets { get; } = [1, 9, 13];
    public override (int Min, int Max) Inputs => (2, 2);

    public int ResidualInput => Residual;

    public override object Read(NodeReader node)
    {
        node.RequireAllAsked();
        return new MatMulAttributes();
    }

    public override void Infer(MatMulAttributes attributes, Inference x)
    {
        x.RequireFloat32();
        Shape a = x.Shape(A), b = x.Shape(B);
        if (a.Rank == 0 || b.Rank == 0)
            throw x.Error($"A {a} and B {b} must have at least one axis");
        long depth = a[-1], depthOfB = b[b.Rank == 1 ? -1 : -2];
        if (depth != depthOfB)
            throw x.Error($"A {a} has a depth of {depth}, B {b} of {depthOfB}");
        Shape result = Result(a, b);
        if (x.Has(Residual) && x.Shape(Residual) != result)
            throw x.Error($"the residual {x.Shape(Residual)} does not have the output's shape {result}");
        x.Output(0, ElementType.Float32, result);
    }

    public override ProductSpec Specify(MatMulAttributes attributes, Node node)
    {
        Value? residual = node.OptionalInput(Residual);
        TensorView a = node.Input(A).KnownView, b = node.Input(B).KnownView;
        bool row = a.Shape.Rank == 1, column = b.Shape.Rank == 1;
        a = row ? WithAxis(a, axis: 0) : a;
        b = column ? WithAxis(b, axis: 1) : b;
        long rows = a.Shape[-2], depth = a.Shape[-1], columns = b.Shape[-1];
        Shape batch = Shape.Broadcast(new Shape(a.Shape.Dims[..^2]), new Shape(b.Shape.Dims[..^2]));
        return new ProductSpec(
            Spread(a, new Shape([.. batch.Dims, rows, depth])), Spread(b, new Shape([.. batch.Dims, depth, columns])),
            null, residual is null ? null : Complete(residual.KnownView, row, column), Complete(node.Output.KnownView, row, column), 1, 1, attributes.Activation,
            new ProductOperands(-1, Residual), node.Input(B).IsConstant);
    }

    public override void Reference<T>(ProductSpec spec, in Operands x) => Product.Reference<T>(spec, x);

    public override Cost Cost(Node node)
    {
        Value b = node.Input(B);
        UInt128 macs = (UInt128)node.Output.KnownShape.Elements * (UInt128)node.Input(A).KnownShape[-1];
        return new Cost((long)UInt128.Min(macs, long.MaxValue), b.IsConstant ? b.KnownShape.Elements : 0);
    }

    public override bool AcceptsViews(Node node) => true;

    public Activation GetActivation(object attributes) => ((MatMulAttributes)attributes).Activation;

    public object WithActivation(object attributes, Activation activation) => (MatMulAttributes)attributes with { Activation = activation };

    private static Shape Result(Shape a, Shape b)
    {
        var dims = new List<long>();
        dims.AddRange(Shape.Broadcast(
            new Shape(a.Rank == 1 ? [] : a.Dims[..^2]),
            new Shape(b.Rank == 1 ? [] : b.Dims[..^2])).Dims);
        if (a.Rank > 1)
            dims.Add(a[-2]);
        if (b.Rank > 1)
            dims.Add(b[-1]);
        return new Shape([.. dims]);
    }

    /// <summary>The result with the axes back that vanished for vectors.</summary>
    private static TensorView Complete(TensorView view, bool row, bool column)
    {
        if (column)
            view = WithAxis(view, view.Shape.Rank);
        return row ? WithAxis(view, view.Shape.Rank - 1) : view;
    }

    /// <summary>The view with an axis of size 1 inserted.</summary>
    private static TensorView WithAxis(TensorView view, int axis)
    {
        List<long> dims = [.. view.Shape.Dims], strides = [.. view.Strides];
        dims.Insert(axis, 1);
        strides.Insert(axis, 0);
        return new TensorView(new Shape([.. dims]), view.Offset, [.. strides]);
    }

    private static TensorView Spread(TensorView view, Shape to) => new(to, view.Offset, Walk.Broadcast(view.Shape, view.Strides, to));
}
