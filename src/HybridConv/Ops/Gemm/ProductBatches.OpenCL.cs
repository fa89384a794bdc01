using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Ops.Gemm;

/// <summary>
/// The positions of a product's batch that one launch covers: a few axes, after axes have been merged wherever all operands run through them evenly. Batches of
/// more axes than that take a launch for each position of the outer ones.
/// </summary>
internal sealed class ProductBatches
{
    private readonly int axes;
    private readonly TensorView?[] operands;
    private readonly LoopNest nest;

    /// <summary>The element that the launch starts with, of each operand.</summary>
    private readonly long[] starts;

    private ProductBatches(int axes, TensorView?[] operands, LoopNest nest, long[] starts) =>
        (this.axes, this.operands, this.nest, this.starts) = (axes, operands, nest, starts);

    /// <summary>The launches of a product that is not empty.</summary>
    /// <param name="spec">The product.</param>
    /// <param name="axes">Axes that a launch covers.</param>
    public static IEnumerable<ProductBatches> Of(ProductSpec spec, int axes)
    {
        if (spec.Output.Shape.Elements == 0)
            yield break;
        TensorView?[] operands = [spec.A, spec.B, spec.C, spec.Residual, spec.Output];
        int rank = spec.Batch.Rank;
        LoopNest nest = LoopNest.Over(spec.Batch, Array.ConvertAll(operands, operand => operand is null ? new long[rank] : operand.Strides[..rank]));
        int outer = Math.Max(0, nest.Shape.Rank - axes);
        for (long launch = 0; launch < nest.Shape.Product(0, outer); launch++)
            yield return new ProductBatches(axes, operands, nest, [.. nest.Strides.Select(strides => Offset(nest.Shape, outer, strides, launch))]);
    }

    /// <summary>Positions that the launch covers.</summary>
    public long Count => Sizes.Aggregate(1L, (product, size) => product * size);

    /// <summary>Sizes of the axes, outermost first.</summary>
    public IEnumerable<int> Sizes => Enumerable.Range(1, axes).Reverse().Select(axis => axis > nest.Shape.Rank ? 1 : nest.Shape.Dim(-axis));

    /// <summary>Where the launch starts in an operand, and its strides along the axes of the batch; zeros for one that is absent.</summary>
    public (long Start, long[] Strides) Of(TensorView? operand)
    {
        int index = Array.IndexOf(operands, operand);
        long[] strides = nest.Strides[index];
        return (starts[index], [.. Enumerable.Range(1, axes).Reverse().Select(axis => axis > strides.Length ? 0 : strides[^axis])]);
    }

    /// <summary>For the macro MATRICES of <c>gemm/reference.cl</c>: start and strides of the batch, then the strides of rows and columns.</summary>
    public IEnumerable<ClArgument> Matrices(TensorView? operand)
    {
        (long start, long[] strides) = Of(operand);
        IEnumerable<long> numbers = [start, .. strides, operand?.Strides[^2] ?? 0, operand?.Strides[^1] ?? 0];
        return numbers.Select(number => ClArgument.Of(checked((int)number)));
    }

    /// <summary>The offset of a position of the outer axes in an operand of those strides.</summary>
    private static long Offset(Shape shape, int outer, long[] strides, long position)
    {
        long offset = 0;
        for (int axis = outer - 1; axis >= 0; axis--)
        {
            offset += position % shape[axis] * strides[axis];
            position /= shape[axis];
        }
        return offset;
    }
}
