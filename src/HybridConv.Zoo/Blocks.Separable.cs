namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>
    /// MobileNet's separable convolution ("MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", Howard et al., 2017): a
    /// depthwise convolution looks at neighbours, a 1x1 one at channels.
    /// <code>
    /// x -- 3x3 depthwise -- relu -- 1x1 -- relu
    /// </code>
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="stride">The step of the depthwise convolution.</param>
    public static NetValue Separable(this NetValue x, int channels, int stride = 1) =>
        x.DepthwiseNorm(3, stride, Nonlinearity.Relu).ConvNorm(channels, kernel: 1, then: Nonlinearity.Relu);
}
