using HybridConv.Graphs;

namespace HybridConv.Ops.Gemm;

/// <summary>
/// Matrix products with concrete shapes: Y = activation(alpha * A * B + beta * C + residual) for every position of a batch. All operands are views whose axes are
/// the batch's, then two; transposed operands have their strides exchanged, and what repeats (broadcasting) has a stride of 0.
/// </summary>
/// <param name="A">Batch, M, depth.</param>
/// <param name="B">Batch, depth, N.</param>
/// <param name="C">Batch, M, N, added scaled by <paramref name="Beta"/>; null when there is none.</param>
/// <param name="Residual">Batch, M, N; null when there is none.</param>
/// <param name="Output">Batch, M, N.</param>
/// <param name="Alpha">Multiplies B's elements, rounded once, before they meet A's.</param>
/// <param name="Beta">Multiplies C's elements, rounded once, before the sum.</param>
/// <param name="Activation">Applied last.</param>
/// <param name="Operands">Where the optional operands stand among the node's inputs.</param>
/// <param name="HasConstantB">Whether B, and C if there is one, are constants, so that they may be packed.</param>
/// <param name="TransposedB">Whether B's own last axes are N and depth.</param>
internal sealed record ProductSpec(
    TensorView A, TensorView B, TensorView? C, TensorView? Residual, TensorView Output, float Alpha, float Beta, Activation Activation,
    ProductOperands Operands, bool HasConstantB, bool TransposedB = false)
{
    public Shape Batch { get; } = new(Output.Shape.Dims[..^2]);

    public int Rows => Output.Shape.Dim(Output.Shape.Rank - 2);
    public int Columns => Output.Shape.Dim(Output.Shape.Rank - 1);
    public int Depth => A.Shape.Dim(A.Shape.Rank - 1);
}

/// <summary>The indices of a product's optional inputs; A is input 0 and B input 1.</summary>
internal readonly record struct ProductOperands(int C, int Residual);
