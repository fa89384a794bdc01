using System.Numerics;
using System.Numerics.Tensors;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;

namespace HybridConv.Ops.Gemm;

/// <summary>
/// The definition of matrix products: for each output, acc = beta * c (0 without C); for each position of the depth, ascending:
/// acc = fma(a, alpha * b, acc), the scaled b rounded; then the residual is added; then the activation is applied.
/// A fully connected layer, a 1x1 convolution and a product are thus the same chain.
/// </summary>
internal static class Product
{
    public static void Reference<T>(ProductSpec spec, in Operands x) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (spec.Output.Shape.Elements == 0)
            return;
        ReadOnlySpan<T> a = x.Input<T>(0), b = x.Input<T>(1), c = spec.C is null ? default : x.Input<T>(spec.Operands.C);
        ReadOnlySpan<T> residual = spec.Residual is null ? default : x.Input<T>(spec.Operands.Residual);
        Span<T> output = x.Output<T>(0);
        T alpha = T.CreateChecked(spec.Alpha), beta = T.CreateChecked(spec.Beta);
        for (var at = new Walk(spec.Batch, spec.Output.Strides, spec.A.Strides, spec.B.Strides, spec.Residual is null ? default : spec.Residual.Strides); at.Live; at.Next())
            for (int m = 0; m < spec.Rows; m++)
            {
                Span<T> line = output[(at[0] + m * Stride(spec.Output, 2))..];
                int step = Stride(spec.Output, 1);
                for (int n = 0; n < spec.Columns; n++)
                    line[n * step] = spec.C is null ? T.Zero : beta * c[m * Stride(spec.C, 2) + n * Stride(spec.C, 1)];
                for (int k = 0; k < spec.Depth; k++)
                    AddProducts(a[at[1] + m * Stride(spec.A, 2) + k * Stride(spec.A, 1)], alpha, b[(at[2] + k * Stride(spec.B, 2))..], Stride(spec.B, 1), line, step, spec.Columns);
                if (spec.Residual is not null)
                    for (int n = 0; n < spec.Columns; n++)
                        line[n * step] += residual[at[3] + m * Stride(spec.Residual, 2) + n * Stride(spec.Residual, 1)];
                if (!spec.Activation.IsNone)
                    for (int n = 0; n < spec.Columns; n++)
                        line[n * step] = ActivationFunctions.Apply(spec.Activation, line[n * step]);
            }
    }

    private static void AddProducts<T>(T a, T alpha, ReadOnlySpan<T> b, int from, Span<T> sums, int step, int count) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (from == 1 && step == 1 && alpha == T.One)
        {
            TensorPrimitives.FusedMultiplyAdd(b[..count], a, sums[..count], sums[..count]);
            return;
        }
        for (int n = 0; n < count; n++)
            sums[n * step] = T.FusedMultiplyAdd(a, alpha * b[n * from], sums[n * step]);
    }

    /// <summary>The stride of an axis counted from the end.</summary>
    private static int Stride(TensorView view, int fromEnd) => (int)view.Strides[^fromEnd];
}
