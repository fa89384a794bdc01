namespace HybridConv.Zoo;

/// <summary>
/// Scales of the normalisation behind a convolution with seeded weights, by what the convolution reads, that keep a variance near 1 through any depth.
/// Seeded weights double the mean square of their input ("Delving Deep into Rectifiers", He, Zhang, Ren and Sun, 2015): just right after ReLU, which halves it.
/// A trained network's statistics do the same for it.
/// </summary>
public static class Gains
{
    /// <summary>Behind a convolution that reads values without a nonlinearity: 1 / sqrt(2).</summary>
    public const float AfterLinear = 0.7f;

    /// <summary>On the last layer of a residual branch, so that a sum of many grows slowly.</summary>
    public const float Residual = 0.25f;

    /// <summary>What a squeeze-and-excite gate, which is near 1/2, takes away.</summary>
    public const float AfterGate = 2;

    /// <summary>Behind a convolution that reads what the nonlinearity gives.</summary>
    public static float After(Nonlinearity nonlinearity) => nonlinearity switch
    {
        Nonlinearity.None => AfterLinear,
        // The mean square of x * sigmoid(x) is 0.36 for a normal x; in straight lines it is 0.33.
        Nonlinearity.Silu or Nonlinearity.HardSwish => 1.2f,
        _ => 1,
    };
}
