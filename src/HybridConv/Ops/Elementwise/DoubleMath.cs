namespace HybridConv.Ops.Elementwise;

/// <summary>Functions in double, for the oracle, that <see cref="Math"/> does not have, or not as precisely.</summary>
internal static class DoubleMath
{
    /// <summary>e^x - 1, also near 0, where the library's function loses its digits (Kahan).</summary>
    public static double Expm1(double x)
    {
        double e = Math.Exp(x);
        return e == 1 ? x : e - 1 == -1 || double.IsInfinity(e) ? e - 1 : (e - 1) * x / Math.Log(e);
    }

    /// <summary>log(1 + x), also near 0 (Kahan).</summary>
    public static double Log1p(double x)
    {
        double sum = 1 + x;
        return sum == 1 ? x : Math.Log(sum) * x / (sum - 1);
    }

    /// <summary>
    /// The error function, to about 1e-15: near 0 its Maclaurin series 2/sqrt(pi) e^(-x^2) (x + 2x^3/3 + 4x^5/15 + ...), whose terms are all positive;
    /// beyond, 1 - erfc with the continued fraction of Laplace, evaluated from its end.
    /// </summary>
    public static double Erf(double x)
    {
        double size = Math.Abs(x);
        if (!(size < 6))
            return double.IsNaN(x) ? x : Math.Sign(x);
        if (size < 3)
        {
            double term = size, sum = size;
            for (int n = 1; term > sum * 1e-17; n++)
                sum += term *= 2 * size * size / (2 * n + 1);
            return Math.CopySign(2 / Math.Sqrt(Math.PI) * Math.Exp(-size * size) * sum, x);
        }
        double fraction = size;
        for (int n = 60; n >= 1; n--)
            fraction = size + n / 2.0 / fraction;
        return Math.CopySign(1 - Math.Exp(-size * size) / (Math.Sqrt(Math.PI) * fraction), x);
    }
}
