using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Ops.Gemm;

internal sealed partial class ProductClRows
{
    /// <summary>
    /// The positions of a batch that one launch covers: up to three axes after axes have been merged wherever all operands run through them evenly. Batches of more
    /// axes than that take a launch for each position of the outer ones.
    /// </summary>
    private sealed class Batches
    {
        private const int Axes = 3;

        private readonly TensorView?[] operands;
        private readonly LoopNest nest;

        /// <summary>The element that the launch starts with, of each operand.</summary>
        private readonly long[] starts;

        private Batches(TensorView?[] operands, LoopNest nest, long[] starts) => (this.operands, this.nest, this.starts) = (operands, nest, starts);

        /// <summary>The launches of a product that is not empty.</summary>
        public static IEnumerable<Batches> Of(ProductSpec spec)
        {
            if (spec.Output.Shape.Elements == 0)
                yield break;
            TensorView?[] operands = [spec.A, spec.B, spec.C, spec.Residual, spec.Output];
            int rank = spec.Batch.Rank;
            LoopNest nest = LoopNest.Over(spec.Batch, Array.ConvertAll(operands, operand => operand is null ? new long[rank] : operand.Strides[..rank]));
            int outer = Math.Max(0, nest.Shape.Rank - Axes);
            long[][] strides = [.. nest.Strides];
            for (var at = new Position(nest.Shape, outer); at.Live; at.Next())
                yield return new Batches(operands, nest, Array.ConvertAll(strides, at.Offset));
        }

        /// <summary>Positions that the launch covers.</summary>
        public long Count => Sizes.Aggregate(1L, (product, size) => product * size);

        /// <summary>Sizes of the axes, outermost first.</summary>
        public IEnumerable<int> Sizes => Enumerable.Range(1, Axes).Reverse().Select(axis => axis > nest.Shape.Rank ? 1 : nest.Shape.Dim(-axis));

        /// <summary>For the macro MATRICES: where the launch starts in an operand, its strides along the axes of the batch, then those of rows and columns.</summary>
        public IEnumerable<ClArgument> Matrices(TensorView? operand)
        {
            int index = Array.IndexOf(operands, operand);
            if (operand is null)
                return Enumerable.Repeat<ClArgument>(0, Axes + 3);
            long[] strides = nest.Strides[index];
            IEnumerable<long> batch = Enumerable.Range(1, Axes).Reverse().Select(axis => axis > strides.Length ? 0 : strides[^axis]);
            return ((IEnumerable<long>)[starts[index], .. batch, operand.Strides[^2], operand.Strides[^1]]).Select(number => ClArgument.Of(checked((int)number)));
        }
    }

    /// <summary>Walks the positions of the outermost axes of a shape.</summary>
    private struct Position(Shape shape, int axes)
    {
        private readonly long count = shape.Product(0, axes);
        private long index;

        public readonly bool Live => index < count;

        public void Next() => index++;

        /// <summary>The position's offset in an operand of those strides.</summary>
        public readonly long Offset(long[] strides)
        {
            long offset = 0, rest = index;
            for (int axis = axes - 1; axis >= 0; axis--)
            {
                offset += rest % shape[axis] * strides[axis];
                rest /= shape[axis];
            }
            return offset;
        }
    }
}
