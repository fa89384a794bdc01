using HybridConv.Cpu.Simd;
using HybridConv.Ops;

namespace HybridConv.Verification;

/// <summary>How precisely a float function is computed of exact arguments: so many units in the last place of its result, and so many of its argument.</summary>
/// <param name="OfResult">0 for a function that does not round.</param>
/// <param name="OfArgument">For functions whose result may be much smaller than what it is computed of.</param>
internal readonly record struct Accuracy(double OfResult, double OfArgument = 0)
{
    /// <summary>No rounding at all.</summary>
    public static readonly Accuracy Exact = new(0);

    /// <summary>One operation, or a few that cannot cancel: division is rounded to two and a half units on devices that do not promise better.</summary>
    public static readonly Accuracy Simple = new(4);

    /// <summary>A polynomial with its reduction; <see cref="SimdMath"/> promises at most half of this.</summary>
    public static readonly Accuracy Polynomial = new(8);

    public double At(double argument, double result) => 2 * Roundoff.Unit * (OfResult * Math.Abs(result) + OfArgument * Math.Abs(argument));
}

/// <summary>Bounds on what float arithmetic makes of real numbers (Higham, Accuracy and Stability of Numerical Algorithms, chapters 2 and 3).</summary>
internal static class Roundoff
{
    /// <summary>The unit roundoff of float, 2^-24.</summary>
    public const double Unit = 1.0 / (1 << 24);

    /// <summary>
    /// More than what a rounding, or flushing a number to zero, can change among denormal numbers: 2^-126, with room for factors up to 64.
    /// </summary>
    public const double Tiny = 1.0 / (1L << 60) / (1L << 60);

    /// <summary>The bound on the relative error of n roundings in a row: n u / (1 - n u).</summary>
    public static double Gamma(double roundings) => roundings * Unit < 1 ? roundings * Unit / (1 - roundings * Unit) : double.PositiveInfinity;

    /// <summary>Half the distance between floats at a number.</summary>
    public static double HalfSpacing(double value)
    {
        float size = (float)Math.Abs(value);
        return size < float.MaxValue ? (MathF.BitIncrement(size) - (double)size) / 2 : 0;
    }

    /// <summary>The error of a sum; nothing is said where its terms are not finite, or partial sums may not be.</summary>
    /// <param name="error">What roundings make.</param>
    /// <param name="magnitude">The sum of the terms' magnitudes.</param>
    public static double OfSum(double error, double magnitude) => magnitude < float.MaxValue / 4 ? error : double.PositiveInfinity;

    /// <summary>What a residual, where there is one, and an activation make of a sum that is known within an error.</summary>
    public static Estimate Finish(Activation activation, double sum, double error, float? residual)
    {
        if (residual is not { } added)
            return Activate(activation, sum, error);
        double value = sum + added;
        return Activate(activation, value, OfSum(error + Unit * (Math.Abs(value) + error), Math.Abs(sum) + Math.Abs(added)));
    }

    /// <summary>What an activation makes of a number that is known within an error.</summary>
    public static Estimate Activate(Activation activation, double value, double error)
    {
        if (activation.IsNone)
            return new Estimate(value, error);
        double result = ActivationFunctions.Apply(activation, value);
        (double slope, Accuracy accuracy) = Of(activation);
        return new Estimate(result, slope * error + accuracy.At(value, result));
    }

    /// <summary>An activation's steepest slope, and how precisely it is computed.</summary>
    private static (double Slope, Accuracy Accuracy) Of(Activation activation) => activation.Kind switch
    {
        ActivationKind.Clamp => (1, Accuracy.Exact),
        ActivationKind.LeakyRelu => (Math.Max(1, Math.Abs(activation.A)), Accuracy.Simple),
        ActivationKind.Sigmoid => (0.25, Accuracy.Polynomial),
        ActivationKind.HardSigmoid => (Math.Abs(activation.A), Accuracy.Simple),
        ActivationKind.HardSwish => (1.5, new Accuracy(4, 2)),
        // x s(ax) has the slope s + ax s'(ax), wherever a puts it; a argument that is rounded moves the result by a quarter of that.
        ActivationKind.Swish => (1.1, new Accuracy(8, 1)),
        ActivationKind.Mish => (1.1, new Accuracy(8, 1)),
        ActivationKind.Gelu or ActivationKind.GeluTanh => (1.13, new Accuracy(8, 4)),
        _ => (double.PositiveInfinity, Accuracy.Polynomial),
    };
}
