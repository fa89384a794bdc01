namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>
    /// SqueezeNet's fire module ("SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and &lt;0.5MB model size", Iandola et al., 2016): a 1x1
    /// convolution squeezes the channels, then a 1x1 and a 3x3 convolution expand them side by side.
    /// <code>
    /// x -- 1x1 squeeze -- relu --+-- 1x1 expand -- relu --+-- concat
    ///                            +-- 3x3 expand -- relu --+
    /// </code>
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="squeeze">Channels between the two layers.</param>
    /// <param name="expand">Output channels of each of the two expanding convolutions.</param>
    public static NetValue Fire(this NetValue x, int squeeze, int expand)
    {
        NetValue narrow = x.Pointwise(squeeze).Relu();
        return narrow.Pointwise(expand).Relu().Concat(narrow.Conv(expand, kernel: 3).Relu());
    }
}
