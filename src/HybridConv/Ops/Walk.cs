using System.Runtime.CompilerServices;
using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>
/// Walks all positions of a shape in order, last axis fastest, and keeps the offset of the position in up to four tensors.
/// A stride of 0 repeats an element: that is how broadcasting is written. Allocates nothing.
/// <code>for (var walk = new Walk(shape, a.Strides, b.Strides); walk.Live; walk.Next()) y[walk[0]] = x[walk[1]];</code>
/// </summary>
internal ref struct Walk
{
    private readonly ReadOnlySpan<long> dims, s0, s1, s2, s3;
    private Counters counters;
    private long o0, o1, o2, o3;

    public Walk(Shape shape, ReadOnlySpan<long> strides0, ReadOnlySpan<long> strides1 = default, ReadOnlySpan<long> strides2 = default, ReadOnlySpan<long> strides3 = default)
    {
        dims = shape.Dims;
        s0 = strides0;
        s1 = strides1;
        s2 = strides2;
        s3 = strides3;
        Live = shape.Elements > 0;
    }

    /// <summary>Whether there is a current position.</summary>
    public bool Live { get; private set; }

    /// <summary>The offset, in elements, of the current position in tensor <paramref name="tensor"/>.</summary>
    public readonly int this[int tensor] => (int)(tensor switch { 0 => o0, 1 => o1, 2 => o2, _ => o3 });

    /// <summary>The current index along an axis.</summary>
    public readonly int Index(int axis) => counters[axis];

    public void Next()
    {
        for (int axis = dims.Length - 1; axis >= 0; axis--)
        {
            bool carry = ++counters[axis] == dims[axis];
            int steps = carry ? 1 - (int)dims[axis] : 1;
            if (carry)
                counters[axis] = 0;
            if (!s0.IsEmpty) o0 += steps * s0[axis];
            if (!s1.IsEmpty) o1 += steps * s1[axis];
            if (!s2.IsEmpty) o2 += steps * s2[axis];
            if (!s3.IsEmpty) o3 += steps * s3[axis];
            if (!carry)
                return;
        }
        Live = false;
    }

    /// <summary>Strides that broadcast a tensor of shape <paramref name="from"/> over <paramref name="to"/>: 0 where an axis is repeated or absent.</summary>
    public static long[] Broadcast(Shape from, ReadOnlySpan<long> strides, Shape to)
    {
        var result = new long[to.Rank];
        for (int i = 1; i <= from.Rank; i++)
            result[^i] = from[from.Rank - i] == 1 ? 0 : strides[^i];
        return result;
    }

    [InlineArray(Shape.MaxRank)]
    private struct Counters
    {
        private int first;
    }
}
