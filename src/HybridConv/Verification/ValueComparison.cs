using System.Runtime.InteropServices;

namespace HybridConv.Verification;

/// <summary>How far apart results of whole runs may be: <c>|got - want| &lt;= Absolute + Relative * |want| + OfLargest * max|want|</c>.</summary>
internal readonly record struct RunTolerance(double Absolute, double Relative, double OfLargest)
{
    /// <summary>Two correct single-precision engines stay within this on whole networks.</summary>
    public static readonly RunTolerance Network = new(1e-6, 1e-3, 1e-4);

    /// <summary>Equal bits, all NaNs counting as one and +0 as -0.</summary>
    public static readonly RunTolerance None = default;
}

/// <summary>An element that differs by more than it may.</summary>
internal readonly record struct Deviation(long Element, double Got, double Expected, double Bound);

/// <summary>Compares a value of one run with that of another.</summary>
internal static class ValueComparison
{
    /// <summary>The element that is furthest outside the tolerance; null when none is. What are no floats must be equal.</summary>
    public static Deviation? Worst(ElementType type, ReadOnlySpan<byte> got, ReadOnlySpan<byte> want, RunTolerance tolerance) => type switch
    {
        ElementType.Float32 => Worst(Cast<float>(got), Cast<float>(want), tolerance, x => x),
        ElementType.Float64 => Worst(Cast<double>(got), Cast<double>(want), tolerance, x => x),
        // Both sides were rounded, and may have been rounded apart.
        ElementType.Float16 => Worst(Cast<Half>(got), Cast<Half>(want), tolerance == RunTolerance.None ? tolerance : tolerance with { Relative = tolerance.Relative + 1.0 / 1024 }, x => (double)x),
        ElementType.Int64 => Worst(Cast<long>(got), Cast<long>(want), RunTolerance.None, x => x),
        ElementType.UInt64 => Worst(Cast<ulong>(got), Cast<ulong>(want), RunTolerance.None, x => x),
        ElementType.Int32 => Worst(Cast<int>(got), Cast<int>(want), RunTolerance.None, x => x),
        ElementType.UInt32 => Worst(Cast<uint>(got), Cast<uint>(want), RunTolerance.None, x => x),
        ElementType.Int16 => Worst(Cast<short>(got), Cast<short>(want), RunTolerance.None, x => x),
        ElementType.UInt16 => Worst(Cast<ushort>(got), Cast<ushort>(want), RunTolerance.None, x => x),
        ElementType.Int8 => Worst(Cast<sbyte>(got), Cast<sbyte>(want), RunTolerance.None, x => x),
        _ => Worst(got, want, RunTolerance.None, x => x),
    };

    private static ReadOnlySpan<T> Cast<T>(ReadOnlySpan<byte> bytes) where T : unmanaged => MemoryMarshal.Cast<byte, T>(bytes);

    private static Deviation? Worst<T>(ReadOnlySpan<T> got, ReadOnlySpan<T> want, RunTolerance tolerance, Func<T, double> number) where T : unmanaged, IEquatable<T>
    {
        double largest = 0;
        if (tolerance.OfLargest > 0)
            foreach (T element in want)
                if (number(element) is var x && double.IsFinite(x))
                    largest = Math.Max(largest, Math.Abs(x));
        Deviation? worst = null;
        double excess = 0;
        for (int i = 0; i < want.Length; i++)
        {
            // NaN equals itself here.
            if (got[i].Equals(want[i]))
                continue;
            double x = number(got[i]), y = number(want[i]), allowed = tolerance.Absolute + tolerance.Relative * Math.Abs(y) + tolerance.OfLargest * largest;
            if (tolerance == RunTolerance.None ? x == 0 && y == 0 : Math.Abs(x - y) <= allowed)
                continue;
            double over = double.IsFinite(x - y) ? Math.Abs(x - y) / Math.Max(allowed, double.Epsilon) : double.PositiveInfinity;
            if (worst is null || over > excess)
                (worst, excess) = (new Deviation(i, x, y, allowed), over);
        }
        return worst;
    }
}
