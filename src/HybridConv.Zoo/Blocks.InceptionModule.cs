namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>What the normalisations of Inception networks add to variances.</summary>
    private const float InceptionEpsilon = 1e-3f;

    /// <summary>
    /// GoogLeNet's module ("Going Deeper with Convolutions", Szegedy et al., 2014): four views of the input side by side, the wide filters behind 1x1
    /// convolutions that narrow it. Batch normalisation, and a 3x3 filter where the paper has 5x5, are those of the trained networks in use.
    /// <code>
    /// x --+-- 1x1 ------------------+-- concat
    ///     +-- 1x1 narrow -- 3x3 ----+
    ///     +-- 1x1 narrow -- 3x3 ----+
    ///     +-- 3x3 max pool -- 1x1 --+
    /// </code>
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="single">Channels of the 1x1 convolution.</param>
    /// <param name="first">Channels of the second branch: narrowed, and out.</param>
    /// <param name="second">Channels of the third branch: narrowed, and out.</param>
    /// <param name="pooled">Channels of the branch that pools.</param>
    public static NetValue InceptionModule(this NetValue x, int single, (int Narrow, int Out) first, (int Narrow, int Out) second, int pooled) =>
        x.InceptionConv(single, 1).Concat(
            x.InceptionConv(first.Narrow, 1).InceptionConv(first.Out, 3),
            x.InceptionConv(second.Narrow, 1).InceptionConv(second.Out, 3),
            x.MaxPool(3, 1, pad: 1, ceil: true).InceptionConv(pooled, 1));

    /// <summary>The one form of convolution in Inception networks: normalised, then ReLU.</summary>
    internal static NetValue InceptionConv(this NetValue x, int channels, Extent kernel, int stride = 1, Padding? pad = null) =>
        x.ConvNorm(channels, kernel, stride, pad, then: Nonlinearity.Relu, epsilon: InceptionEpsilon);
}
