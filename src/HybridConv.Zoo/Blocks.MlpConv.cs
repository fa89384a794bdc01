namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>
    /// Network in Network's layer ("Network In Network", Lin, Chen and Yan, 2013): a small network of two fully connected layers slides over the picture in the
    /// place of a linear filter. It is a convolution followed by two 1x1 convolutions.
    /// <code>
    /// x -- r x s convolution -- relu -- 1x1 -- relu -- 1x1 -- relu
    /// </code>
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="channels">Output channels of the three convolutions.</param>
    /// <param name="kernel">The first filter's size.</param>
    /// <param name="stride">The step of the first filter.</param>
    /// <param name="pad">Zeros around the picture; null centres the filter.</param>
    /// <param name="biases">The last convolution's biases; null for seeded ones.</param>
    public static NetValue MlpConv(
        this NetValue x, (int Filter, int Hidden, int Out) channels, Extent kernel, int stride = 1, Padding? pad = null, float[]? biases = null) =>
        x.Conv(channels.Filter, kernel, stride, pad).Relu().Pointwise(channels.Hidden).Relu().Pointwise(channels.Out, biases: biases).Relu();
}
