using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HybridConv.Graphs;

/// <summary>Constants computed from other constants when they are asked for.</summary>
internal static class DerivedTensors
{
    /// <summary>The same elements in the same order under another shape.</summary>
    public static Tensor Reshaped(this Tensor tensor, Shape shape) =>
        shape == tensor.Shape ? tensor : Tensor.Derived(tensor.Type, shape, $"{tensor.Origin}|shape{shape}", () => tensor.Data);

    /// <summary>The tensor whose axis i is axis <paramref name="permutation"/>[i].</summary>
    public static Tensor Transposed(this Tensor tensor, IReadOnlyList<int> permutation)
    {
        int[] axes = [.. permutation];
        Shape shape = tensor.Shape.Permuted(axes);
        return Tensor.Derived(tensor.Type, shape, $"{tensor.Origin}|axes[{string.Join(',', axes)}]", () =>
        {
            long[] dense = tensor.Shape.DenseStrides();
            long[] strides = Array.ConvertAll(axes, axis => dense[axis]);
            ReadOnlySpan<byte> from = tensor.Data.Span;
            var to = new byte[from.Length];
            switch (tensor.Type.Size())
            {
                case 1: Gather<byte>(shape, strides, from, to); break;
                case 2: Gather<ushort>(shape, strides, from, to); break;
                case 4: Gather<uint>(shape, strides, from, to); break;
                default: Gather<ulong>(shape, strides, from, to); break;
            }
            return to;
        });
    }

    /// <summary>Fills <paramref name="to"/> with the elements that strides pick from <paramref name="from"/>, one run along the last axis after another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Gather<T>(Shape shape, long[] strides, ReadOnlySpan<byte> from, Span<byte> to) where T : unmanaged
    {
        if (shape.Elements == 0)
            return;
        ReadOnlySpan<T> x = MemoryMarshal.Cast<byte, T>(from);
        Span<T> y = MemoryMarshal.Cast<byte, T>(to);
        int length = shape.Rank == 0 ? 1 : shape.Dim(shape.Rank - 1), stride = shape.Rank == 0 ? 0 : (int)strides[^1];
        var runs = new Shape(shape.Rank == 0 ? [] : shape.Dims[..^1]);
        for (var walk = new Ops.Walk(runs, shape.Rank == 0 ? [] : strides.AsSpan(0, shape.Rank - 1)); walk.Live; walk.Next())
        {
            int first = walk[0];
            for (int i = 0; i < length; i++)
                y[i] = x[first + i * stride];
            y = y[length..];
        }
    }
}
