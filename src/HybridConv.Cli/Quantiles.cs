namespace HybridConv.Cli;

/// <summary>Order statistics of samples, interpolated between neighbours.</summary>
internal static class Quantiles
{
    public static double Median(IReadOnlyList<double> samples) => At(samples, 0.5);

    /// <param name="samples">At least one, in any order.</param>
    /// <param name="share">0 for the smallest, 1 for the largest.</param>
    public static double At(IReadOnlyList<double> samples, double share)
    {
        double[] sorted = [.. samples.Order()];
        double position = share * (sorted.Length - 1);
        int below = (int)position, above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    public static double? GeometricMean(IReadOnlyList<double> samples) => samples.Count == 0 ? null : Math.Exp(samples.Average(Math.Log));
}
