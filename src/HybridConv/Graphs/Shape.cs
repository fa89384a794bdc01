using System.Globalization;

namespace HybridConv.Graphs;

/// <summary>The sizes of a tensor's axes, outermost first. Immutable; compares by value; the default value is the scalar.</summary>
internal readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The largest rank that any operator accepts.</summary>
    public const int MaxRank = 12;

    private readonly long[]? dims;
    private readonly long elements;

    /// <exception cref="ShapeException">A negative size, a size over <see cref="int.MaxValue"/>, too many axes, or a product that overflows.</exception>
    public Shape(params ReadOnlySpan<long> dims)
    {
        if (dims.Length > MaxRank)
            throw new ShapeException($"rank {dims.Length} is over the limit of {MaxRank}");
        this.dims = dims.Length == 0 ? null : dims.ToArray();
        long product = 1;
        bool empty = false;
        foreach (long dim in dims)
        {
            if (dim is < 0 or > int.MaxValue)
                throw new ShapeException($"the shape {Format(dims)} has an axis of {dim}; an axis holds 0 to {int.MaxValue}");
            empty |= dim == 0;
            if (product > long.MaxValue / 16 / Math.Max(1, dim))
                throw new ShapeException($"the shape {Format(dims)} has more elements than can be counted");
            product *= Math.Max(1, dim);
        }
        elements = empty ? 0 : product;
    }

    /// <summary>The number of elements: the product of the sizes, 1 for a scalar.</summary>
    public long Elements => dims is null ? 1 : elements;

    public static Shape Scalar => default;
    public int Rank => dims?.Length ?? 0;
    public ReadOnlySpan<long> Dims => dims;

    /// <summary>The size of an axis; a negative index counts from the end.</summary>
    public long this[int axis] => dims![axis < 0 ? axis + dims.Length : axis];

    public int Dim(int axis) => (int)this[axis];

    /// <summary>The product of the sizes of axes [start, end).</summary>
    public long Product(int start, int end)
    {
        long product = 1;
        for (int i = start; i < end; i++)
            product *= dims![i];
        return product;
    }

    public Shape With(int axis, long size)
    {
        long[] copy = Dims.ToArray();
        copy[axis < 0 ? axis + copy.Length : axis] = size;
        return new Shape(copy);
    }

    public Shape Permuted(ReadOnlySpan<int> permutation)
    {
        var result = new long[Rank];
        for (int i = 0; i < result.Length; i++)
            result[i] = dims![permutation[i]];
        return new Shape(result);
    }

    /// <summary>Strides, in elements, of a dense tensor of this shape.</summary>
    public long[] DenseStrides()
    {
        var strides = new long[Rank];
        long stride = 1;
        for (int i = Rank - 1; i >= 0; i--)
        {
            strides[i] = stride;
            stride *= Math.Max(1, dims![i]);
        }
        return strides;
    }

    /// <summary>The shape that numpy's broadcasting rule gives two operands.</summary>
    /// <exception cref="ShapeException">Two sizes differ and neither is 1.</exception>
    public static Shape Broadcast(Shape a, Shape b)
    {
        var dims = new long[Math.Max(a.Rank, b.Rank)];
        for (int i = 1; i <= dims.Length; i++)
        {
            long x = i <= a.Rank ? a[^i] : 1, y = i <= b.Rank ? b[^i] : 1;
            if (x != y && x != 1 && y != 1)
                throw new ShapeException($"{a} and {b} cannot be broadcast together: {x} against {y}");
            dims[^i] = x == 1 ? y : x;
        }
        return new Shape(dims);
    }

    private long this[Index index] => dims![index];

    public bool Equals(Shape other) => Dims.SequenceEqual(other.Dims);
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);
    public static bool operator ==(Shape a, Shape b) => a.Equals(b);
    public static bool operator !=(Shape a, Shape b) => !a.Equals(b);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (long dim in Dims)
            hash.Add(dim);
        return hash.ToHashCode();
    }

    /// <summary>For example <c>[1,3,224,224]</c>.</summary>
    public override string ToString() => Format(Dims);

    public static string Format(ReadOnlySpan<long> dims)
    {
        var parts = new string[dims.Length];
        for (int i = 0; i < parts.Length; i++)
            parts[i] = dims[i].ToString(CultureInfo.InvariantCulture);
        return $"[{string.Join(',', parts)}]";
    }
}
