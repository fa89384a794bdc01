using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>Arithmetic on axes and permutations. A permutation p makes axis i of its result from axis p[i] of its operand.</summary>
internal static class Axes
{
    public static int[] Inverse(IReadOnlyList<int> permutation)
    {
        var inverse = new int[permutation.Count];
        for (int i = 0; i < inverse.Length; i++)
            inverse[permutation[i]] = i;
        return inverse;
    }

    /// <summary>The permutation that applies <paramref name="first"/>, then <paramref name="second"/>.</summary>
    public static int[] Compose(IReadOnlyList<int> first, IReadOnlyList<int> second)
    {
        var both = new int[first.Count];
        for (int i = 0; i < both.Length; i++)
            both[i] = first[second[i]];
        return both;
    }

    /// <summary>The place of an axis after the permutation.</summary>
    public static long Moved(long axis, IReadOnlyList<int> permutation)
    {
        if (axis < 0)
            axis += permutation.Count;
        for (int i = 0; i < permutation.Count; i++)
            if (permutation[i] == axis)
                return i;
        throw new ArgumentOutOfRangeException(nameof(axis));
    }

    /// <summary>One entry per axis, reordered as the axes are.</summary>
    public static long[] Permuted(ReadOnlySpan<long> perAxis, IReadOnlyList<int> permutation)
    {
        var result = new long[permutation.Count];
        for (int i = 0; i < result.Length; i++)
            result[i] = perAxis[permutation[i]];
        return result;
    }

    /// <summary>Whether the permutation leaves the elements' dense order as it is: only axes of size 1 change places.</summary>
    public static bool KeepsOrder(Shape shape, IReadOnlyList<int> permutation)
    {
        int last = -1;
        foreach (int axis in permutation)
        {
            if (shape[axis] == 1)
                continue;
            if (axis < last)
                return false;
            last = axis;
        }
        return true;
    }

    /// <summary>Resolves axes that may count from the end; each may be named once.</summary>
    public static int[] Distinct(this Inference x, ReadOnlySpan<long> axes, int rank)
    {
        var resolved = new int[axes.Length];
        for (int i = 0; i < resolved.Length; i++)
        {
            resolved[i] = x.Axis(axes[i], rank);
            if (resolved.AsSpan(0, i).Contains(resolved[i]))
                throw x.Error($"the axes {Shape.Format(axes)} name axis {resolved[i]} twice");
        }
        return resolved;
    }
}
