using HybridConv.Graphs;

namespace HybridConv.Tools.Data;

/// <summary>
/// How far an element may be from what is wanted: <c>|got - want| &lt;= Absolute + Relative * |want| + OfLargest * max|want|</c>.
/// float16 elements may also be neighbours: both sides were rounded to that type, and may have been rounded apart.
/// </summary>
internal sealed record Tolerance(double Absolute, double Relative, double OfLargest)
{
    /// <summary>Two correct single-precision engines stay within this on whole networks.</summary>
    public static readonly Tolerance Network = new(1e-6, 1e-3, 1e-4);
}

/// <summary>How one tensor differs from another.</summary>
/// <param name="MaxAbs">The largest absolute difference of finite elements.</param>
/// <param name="MaxRel">The largest difference in relation to the wanted element, where that is not zero.</param>
/// <param name="OfLargest">The largest absolute difference in relation to the largest wanted magnitude.</param>
/// <param name="SameBits">Whether all elements are equal, all NaNs counting as one and +0 as -0.</param>
/// <param name="Reason">What is outside the tolerance; null when nothing is.</param>
internal sealed record Difference(double MaxAbs, double MaxRel, double OfLargest, bool SameBits, string? Reason)
{
    public static readonly Difference None = new(0, 0, 0, true, null);

    public static Difference Between(HostTensor got, HostTensor want, Tolerance tolerance)
    {
        if (got.Type != want.Type)
            return Refused($"is {got.Type.Label()} where {want.Type.Label()} is wanted");
        if (!got.Shape.AsSpan().SequenceEqual(want.Shape))
            return Refused($"has the shape {got.ShapeText} where {want.ShapeText} is wanted");
        return want.Type.IsFloat() ? Floats(got.ToDoubles(), want.ToDoubles(), tolerance, want.Type) : Exactly(got, want);
    }

    /// <summary>The worse of two, over several tensors.</summary>
    public Difference Worse(Difference other) => new(
        Math.Max(MaxAbs, other.MaxAbs), Math.Max(MaxRel, other.MaxRel), Math.Max(OfLargest, other.OfLargest), SameBits && other.SameBits, Reason ?? other.Reason);

    public Difference In(string tensor) => Reason is null ? this : this with { Reason = $"'{tensor}' {Reason}" };

    private static Difference Refused(string reason) => new(double.NaN, double.NaN, double.NaN, false, reason);

    private static Difference Exactly(HostTensor got, HostTensor want)
    {
        if (got.Bytes.Span.SequenceEqual(want.Bytes.Span))
            return None;
        Difference difference = Floats(got.ToDoubles(), want.ToDoubles(), new Tolerance(0, 0, 0), want.Type);
        // 64-bit integers may differ where their nearest doubles do not.
        return difference with { SameBits = false, Reason = difference.Reason ?? $"differs from the wanted {want.Type.Label()}" };
    }

    private static Difference Floats(double[] got, double[] want, Tolerance tolerance, ElementType type)
    {
        double largest = 0, maxAbs = 0, maxRel = 0;
        foreach (double x in want)
            if (double.IsFinite(x))
                largest = Math.Max(largest, Math.Abs(x));
        int wrong = 0, first = -1;
        bool same = true;
        for (int i = 0; i < want.Length; i++)
        {
            if (got[i] == want[i] || (double.IsNaN(got[i]) && double.IsNaN(want[i])))
                continue;
            same = false;
            double error = Math.Abs(got[i] - want[i]);
            if (double.IsFinite(error))
            {
                maxAbs = Math.Max(maxAbs, error);
                if (want[i] != 0)
                    maxRel = Math.Max(maxRel, error / Math.Abs(want[i]));
            }
            double bound = tolerance.Absolute + tolerance.Relative * Math.Abs(want[i]) + tolerance.OfLargest * largest + (type == ElementType.Float16 ? HalfSpacing(want[i]) : 0);
            if (!(error <= bound) || !double.IsFinite(want[i]))
            {
                wrong++;
                first = first < 0 ? i : first;
            }
        }
        string? reason = wrong == 0 ? null : FormattableString.Invariant(
            $"has {wrong} of {want.Length} elements outside the tolerance; the first is element {first}: {got[first]:G9} where {want[first]:G9} is wanted");
        return new Difference(maxAbs, maxRel, largest > 0 ? maxAbs / largest : maxAbs, same, reason);
    }

    /// <summary>From a float16 to the next larger one in magnitude.</summary>
    private static double HalfSpacing(double x)
    {
        var half = (Half)Math.Abs(x);
        return (double)Half.BitIncrement(half) - (double)half;
    }
}
