using HybridConv.Graphs;

namespace HybridConv.Ops.Elementwise;

/// <summary>
/// The loops over the elements of several operands, as few as possible: axes of size 1 are left out, and neighbouring axes become one where every operand
/// runs through both with one stride. Two dense tensors of one shape are one loop; a vector over the last axis, pixels outside and channels inside.
/// </summary>
/// <param name="Shape">Sizes of the loops, outermost first. No loops at all for a single element.</param>
/// <param name="Strides">For each operand, the output first: elements between neighbours along each loop; 0 where an element is repeated.</param>
internal sealed record LoopNest(Shape Shape, IReadOnlyList<long[]> Strides)
{
    /// <summary>The innermost loop's length.</summary>
    public long Inner => Shape.Rank == 0 ? 1 : Shape[-1];

    /// <summary>The innermost loop's stride in an operand.</summary>
    public long InnerStride(int operand) => Shape.Rank == 0 ? 0 : Strides[operand][^1];

    /// <param name="shape">The output's shape.</param>
    /// <param name="strides">For each operand, one stride per axis of <paramref name="shape"/>.</param>
    public static LoopNest Over(Shape shape, params long[][] strides)
    {
        var dims = new List<long>();
        var merged = Array.ConvertAll(strides, _ => new List<long>());
        for (int axis = 0; axis < shape.Rank; axis++)
        {
            long size = shape[axis];
            if (size == 1)
                continue;
            bool joins = dims.Count > 0 && dims[^1] * size <= int.MaxValue;
            for (int k = 0; k < strides.Length && joins; k++)
                joins = merged[k][^1] == strides[k][axis] * size;
            if (joins)
                dims[^1] *= size;
            else
                dims.Add(size);
            for (int k = 0; k < strides.Length; k++)
            {
                if (joins)
                    merged[k].RemoveAt(merged[k].Count - 1);
                merged[k].Add(strides[k][axis]);
            }
        }
        return new LoopNest(new Shape([.. dims]), Array.ConvertAll(merged, list => list.ToArray()));
    }
}
