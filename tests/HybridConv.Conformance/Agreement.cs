using System.Globalization;

namespace HybridConv.Conformance;

/// <summary>How results are compared. Each method gives the first disagreement as a sentence, or null.</summary>
internal static class Agreement
{
    /// <summary>Unit roundoff of float.</summary>
    private const double U = 1.0 / (1 << 24);

    /// <summary>Equal bits; all NaNs count as one, and +0 as -0.</summary>
    public static string? Bits(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        for (int i = 0; i < expected.Length; i++)
            if (Normal(expected[i]) != Normal(actual[i]))
                return Difference(i, expected[i], actual[i]);
        return expected.Length == actual.Length ? null : $"{actual.Length} elements instead of {expected.Length}";
    }

    /// <summary>No difference at all to the oracle.</summary>
    public static string? Exact(ReadOnlySpan<double> oracle, ReadOnlySpan<float> actual)
    {
        for (int i = 0; i < oracle.Length; i++)
            if (oracle[i] != actual[i] && !(double.IsNaN(oracle[i]) && float.IsNaN(actual[i])))
                return Difference(i, oracle[i], actual[i]);
        return null;
    }

    /// <summary>
    /// Higham's a-priori bound for n roundings: |y - oracle| at most gamma(n) * sum |w||x| plus half a unit in the last place of y.
    /// </summary>
    public static string? Bound(ReadOnlySpan<double> oracle, ReadOnlySpan<double> magnitudes, int roundings, ReadOnlySpan<float> actual)
    {
        double gamma = roundings * U / (1 - roundings * U);
        for (int i = 0; i < oracle.Length; i++)
        {
            double allowed = gamma * magnitudes[i] + (MathF.BitIncrement(MathF.Abs(actual[i])) - (double)MathF.Abs(actual[i])) / 2;
            if (oracle[i] != actual[i] && !(Math.Abs(oracle[i] - actual[i]) <= allowed))
                return $"{Difference(i, oracle[i], actual[i])}, off by {Math.Abs(oracle[i] - actual[i]):g3} where {allowed:g3} is allowed";
        }
        return null;
    }

    /// <summary>The bits that count.</summary>
    public static int Normal(float x) => BitConverter.SingleToInt32Bits(float.IsNaN(x) ? float.NaN : x + 0f);

    private static string Difference(int index, double expected, double actual) =>
        string.Create(CultureInfo.InvariantCulture, $"element {index} is {actual:r} instead of {expected:r}");
}
