using HybridConv.Graphs;

namespace HybridConv.Ops.Gemm;

/// <summary>A matrix product as read.</summary>
/// <param name="Alpha">Multiplies the product.</param>
/// <param name="Beta">Multiplies C.</param>
/// <param name="TransA">Whether A is depth x M rather than M x depth.</param>
/// <param name="TransB">Whether B is N x depth rather than depth x N.</param>
/// <param name="Activation">Applied to the result, after the residual (input 3) if there is one.</param>
internal sealed record GemmAttributes(float Alpha, float Beta, bool TransA, bool TransB, Activation Activation = default);

/// <summary>The product of two matrices, scaled, plus a scaled matrix that may be broadcast. Inputs: A, B, optional C, optional residual.</summary>
internal sealed partial class GemmOp : Op<GemmAttributes, ProductSpec>, IAddsResidual
{
    private const int A = 0, B = 1, C = 2, Residual = 3;

    public override string Name => "Gemm";
    public override IReadOnlyList<int> Opsets { get; } = [1, 6, 7, 9, 11, 13];
    public override (int Min, int Max) Inputs => (2, 3);

    public int ResidualInput => Residual;

    public override object Read(NodeReader node)
    {
        // Before opset 7, C was broadcast only on request; what such a model may contain is a part of what is accepted now.
        node.Ignore("broadcast");
        var attributes = new GemmAttributes(node.Float("alpha", 1), node.Float("beta", 1), node.Int("transA", 0) != 0, node.Int("transB", 0) != 0);
        node.RequireAllAsked();
        return attributes;
    }

    public override void Infer(GemmAttributes attributes, Inference x)
    {
        x.RequireFloat32();
        Shape a = x.Shape(A), b = x.Shape(B);
        if (a.Rank != 2 || b.Rank != 2)
            throw x.Error($"A {a} and B {b} must be matrices");
        (long rows, long depth) = attributes.TransA ? (a[1], a[0]) : (a[0], a[1]);
        (long depthOfB, long columns) = attributes.TransB ? (b[1], b[0]) : (b[0], b[1]);
        if (depth != depthOfB)
            throw x.Error($"A {a} has a depth of {depth}, B {b} of {depthOfB}");
        var result = new Shape(rows, columns);
        if (x.Has(C) && (x.Shape(C).Rank > 2 || Shape.Broadcast(x.Shape(C), result) != result))
            throw x.Error($"C {x.Shape(C)} cannot be broadcast to {result}");
        if (x.Has(Residual) && x.Shape(Residual) != result)
            throw x.Error($"the residual {x.Shape(Residual)} does not have the output's shape {result}");
        x.Output(0, ElementType.Float32, result);
    }

    public override ProductSpec Specify(GemmAttributes attributes, Node node)
    {
        Value? c = node.OptionalInput(C), residual = node.OptionalInput(Residual);
        Shape result = node.Output.KnownShape;
        return new ProductSpec(
            Matrix(node.Input(A), attributes.TransA), Matrix(node.Input(B), attributes.TransB),
            c is null ? null : new TensorView(result, 0, Walk.Broadcast(c.KnownShape, c.KnownView.Strides, result)),
            residual is null ? null : residual.KnownView, node.Output.KnownView, attributes.Alpha, attributes.Beta, attributes.Activation,
            new ProductOperands(C, Residual), node.Input(B).IsConstant && (c is null || c.IsConstant), attributes.TransB);
    }

    public override void Reference<T>(ProductSpec spec, in Operands x) => Product.Reference<T>(spec, x);

    public override Cost Cost(Node node)
    {
        Shape result = node.Output.KnownShape, a = node.Input(A).KnownShape, b = node.Input(B).KnownShape;
        long depth = ((GemmAttributes)node.Attributes).TransA ? a[0] : a[1];
        long parameters = (node.Input(B).IsConstant ? b.Elements : 0) + (node.OptionalInput(C) is { IsConstant: true } c ? c.KnownShape.Elements : 0);
        return new Cost((long)UInt128.Min((UInt128)result.Elements * (UInt128)depth, long.MaxValue), parameters);
    }

    public override bool AcceptsViews(Node node) => true;

    public Activation GetActivation(object attributes) => ((GemmAttributes)attributes).Activation;

    public object WithActivation(object attributes, Activation activation) => (GemmAttributes)attributes with { Activation = activation };

    private static TensorView Matrix(Value value, bool transposed) => transposed ? value.KnownView.Permuted([1, 0]) : value.KnownView;
}
