namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>
    /// ResNet's block for deep networks ("Deep Residual Learning for Image Recognition", He, Zhang, Ren and Sun, 2015): a 1x1 convolution narrows, a 3x3 one
    /// looks at neighbours, a 1x1 one widens to four times as many channels; the input is added. The step is taken by the 3x3 convolution, as in the form known
    /// as v1.5.
    /// <code>
    /// x --+-- 1x1 -- relu -- 3x3 -- relu -- 1x1 --+-- add -- relu
    ///     +-------------- (1x1) ------------------+
    /// </code>
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="width">Channels of the first two convolutions; the output has four times as many.</param>
    /// <param name="stride">The step of the 3x3 convolution.</param>
    public static NetValue Bottleneck(this NetValue x, int width, int stride = 1)
    {
        const int Expansion = 4;
        NetValue change = x
            .ConvNorm(width, kernel: 1, then: Nonlinearity.Relu)
            .ConvNorm(width, kernel: 3, stride, then: Nonlinearity.Relu)
            .ConvNorm(Expansion * width, kernel: 1, gain: Gains.Residual);
        return change.Add(x.Shortcut(Expansion * width, stride)).Relu();
    }
}
