namespace HybridConv.Graphs;

/// <summary>
/// Where a tensor's elements lie inside a buffer: element (i0, i1, ...) is at <c>Offset + i0*Strides[0] + i1*Strides[1] + ...</c> elements.
/// The innermost axis of every view that the planner makes is contiguous, so a view is dense, or a window on the channels (or rows) of a larger tensor.
/// </summary>
internal sealed record TensorView(Shape Shape, long Offset, long[] Strides)
{
    public static TensorView Dense(Shape shape) => new(shape, 0, shape.DenseStrides());

    /// <summary>Whether the elements lie one after the other in the order of the shape.</summary>
    public bool IsDense
    {
        get
        {
            long expected = 1;
            for (int i = Shape.Rank - 1; i >= 0; i--)
            {
                if (Shape[i] != 1 && Strides[i] != expected)
                    return false;
                expected *= Math.Max(1, Shape[i]);
            }
            return true;
        }
    }

    /// <summary>
    /// For a channels-last tensor: elements between neighbouring pixels, when all pixels are evenly spaced and each pixel's channels are contiguous;
    /// -1 when they are not. Dense tensors have a pixel stride equal to their channels.
    /// </summary>
    public long PixelStride
    {
        get
        {
            int rank = Shape.Rank;
            if (rank == 0)
                return 1;
            if (Strides[^1] != 1 && Shape[rank - 1] > 1)
                return -1;
            long stride = -1, pixels = 1;
            for (int i = rank - 2; i >= 0; i--)
            {
                if (Shape[i] == 1)
                    continue;
                if (stride < 0)
                    stride = Strides[i];
                else if (Strides[i] != stride * pixels)
                    return -1;
                pixels *= Shape[i];
            }
            return stride < 0 ? Shape[rank - 1] : stride;
        }
    }

    /// <summary>The window [start, start + size) of one axis.</summary>
    public TensorView Window(int axis, long start, long size) => new(Shape.With(axis, size), Offset + start * Strides[axis], Strides);

    public TensorView Permuted(ReadOnlySpan<int> permutation)
    {
        var strides = new long[Strides.Length];
        for (int i = 0; i < strides.Length; i++)
            strides[i] = Strides[permutation[i]];
        return new TensorView(Shape.Permuted(permutation), Offset, strides);
    }

    public bool Equals(TensorView? other) =>
        other is not null && Shape == other.Shape && Offset == other.Offset && Strides.AsSpan().SequenceEqual(other.Strides);

    public override int GetHashCode() => HashCode.Combine(Shape, Offset);
}
