namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>
    /// ResNet's block for shallow networks ("Deep Residual Learning for Image Recognition", He, Zhang, Ren and Sun, 2015): two 3x3 convolutions, added to the
    /// input. Where the shape changes, the input goes through a 1x1 convolution.
    /// <code>
    /// x --+-- 3x3 -- relu -- 3x3 --+-- add -- relu
    ///     +------- (1x1) ----------+
    /// </code>
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="stride">The step of the first convolution.</param>
    public static NetValue BasicBlock(this NetValue x, int channels, int stride = 1)
    {
        NetValue change = x.ConvNorm(channels, kernel: 3, stride, then: Nonlinearity.Relu).ConvNorm(channels, kernel: 3, gain: Gains.Residual);
        return change.Add(x.Shortcut(channels, stride)).Relu();
    }

    /// <summary>The way around a residual branch: the input itself, or a 1x1 convolution where the branch changes the shape.</summary>
    private static NetValue Shortcut(this NetValue x, int channels, int stride) =>
        stride == 1 && x.Channels == channels ? x : x.ConvNorm(channels, kernel: 1, stride);
}
