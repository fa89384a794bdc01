using System.Globalization;
using HybridConv.Planning;
using HybridConv.Targets;

namespace HybridConv.Tools;

/// <summary>
/// What a machine allows ("Roofline: An Insightful Visual Performance Model", Williams, Waterman, Patterson, 2009): a step cannot be faster than its multiply-adds at the peak
/// of the machine, nor than its weights can be read from memory. Images are taken to come from a cache, and all else to cost nothing: it is a bound that no engine reaches.
/// </summary>
internal static class Roofline
{
    /// <summary>Winograd's kernels are named after their tiles: f4x3 computes 4 outputs of 3 taps along each axis.</summary>
    private const string Winograd = ".winograd.f";

    /// <summary>The least time of a step.</summary>
    public static double Nanoseconds(Step step, MachinePeak peak) =>
        Math.Max(2.0 * step.Cost.Macs * MultipliesPerMac(step.Kernel) / peak.Gflops, (double)sizeof(float) * step.Cost.Parameters / peak.Bandwidth);

    /// <summary>F(m, r) multiplies (m + r - 1)^2 numbers for m^2 outputs of r^2 taps ("Fast Algorithms for Convolutional Neural Networks", Lavin, Gray, 2016).</summary>
    internal static double MultipliesPerMac(string kernel)
    {
        int start = kernel.IndexOf(Winograd, StringComparison.Ordinal);
        if (start < 0)
            return 1;
        string[] tile = kernel[(start + Winograd.Length)..].Split('.')[0].Split('x');
        double outputs = int.Parse(tile[0], CultureInfo.InvariantCulture), taps = int.Parse(tile[1], CultureInfo.InvariantCulture);
        return Math.Pow((outputs + taps - 1) / (outputs * taps), 2);
    }
}
