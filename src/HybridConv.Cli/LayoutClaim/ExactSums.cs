namespace HybridConv.Cli.LayoutClaim;

/// <summary>A layer's result in double precision, and how far a sum in single precision may be from it.</summary>
internal sealed class ExactSums
{
    /// <summary>Unit roundoff of float.</summary>
    private const double U = 1.0 / (1 << 24);

    private readonly PointwiseShape shape;
    private readonly double[] sums, bounds;

    /// <param name="image">Pixels x input channels.</param>
    /// <param name="weights">Output channels x input channels.</param>
    /// <param name="shape">The shape.</param>
    public ExactSums(ReadOnlySpan<float> image, ReadOnlySpan<float> weights, PointwiseShape shape)
    {
        (int pixels, int channels, int filters) = this.shape = shape;
        sums = new double[pixels * filters];
        bounds = new double[pixels * filters];
        // Higham's a-priori bound for sums of products in any order: gamma(n) * sum |w||x|; a result is rounded at most once more than it has products.
        double gamma = (channels + 1) * U / (1 - (channels + 1) * U);
        for (int i = 0; i < sums.Length; i++)
        {
            (int pixel, int k) = Math.DivRem(i, filters);
            ReadOnlySpan<float> x = image.Slice(pixel * channels, channels), w = weights.Slice(k * channels, channels);
            for (int c = 0; c < channels; c++)
            {
                double product = (double)w[c] * x[c];
                sums[i] += product;
                bounds[i] += gamma * Math.Abs(product);
            }
        }
    }

    /// <summary>The first result that is out of bounds, as a sentence; null when none is.</summary>
    /// <param name="results">Pixels x output channels, or output channels x pixels.</param>
    /// <param name="channelsLast">Which of both.</param>
    public string? Disagreement(ReadOnlySpan<float> results, bool channelsLast)
    {
        for (int i = 0; i < sums.Length; i++)
        {
            (int pixel, int k) = Math.DivRem(i, shape.OutputChannels);
            float got = results[channelsLast ? i : k * shape.Pixels + pixel];
            if (!(Math.Abs(got - sums[i]) <= bounds[i]))
                return FormattableString.Invariant($"channel {k} of pixel {pixel} is {got:G9} where {sums[i]:G9} is wanted");
        }
        return null;
    }
}
