namespace HybridConv.Ops.Conv;

/// <summary>
/// The matrices G of Winograd's F(2 x 2, 3 x 3) and F(4 x 4, 3 x 3), which transform filters: Lavin and Gray, "Fast Algorithms for Convolutional Neural
/// Networks", 2016. The points of interpolation are 0, 1, -1 and infinity; and 0, 1/2, -1/2, 3/2, -3/2 and infinity, with which the transforms of images and
/// results are exact factors in float and errors smaller than with the usual 0, 1, -1, 2, -2. Those two transforms are in
/// <c>opencl/conv/winograd.local.cl</c> and <see cref="IWinogradTile"/>.
/// </summary>
internal static class WinogradTransform
{
    /// <summary>The taps of a filter along one axis.</summary>
    public const int Taps = 3;

    /// <summary>Weights up to this size have finite transforms.</summary>
    private const float Largest = 1e37f;

    private static readonly double[][] Two = [[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]];

    private static readonly double[][] Four =
        [[16.0 / 9, 0, 0], [-1, -0.5, -0.25], [-1, 0.5, -0.25], [1.0 / 9, 1.0 / 6, 0.25], [1.0 / 9, -1.0 / 6, 0.25], [0, 0, 1]];

    /// <summary>One row for each pixel of a tile along one axis.</summary>
    /// <param name="outputs">Outputs of a tile along one axis: 2 or 4.</param>
    public static double[][] Filters(int outputs) => outputs == 2 ? Two : Four;

    /// <summary>Whether no transform of these weights overflows, nor spreads an infinity or NaN.</summary>
    public static bool CanTransform(ReadOnlySpan<float> weights)
    {
        foreach (float weight in weights)
            if (!(MathF.Abs(weight) <= Largest))
                return false;
        return true;
    }
}
