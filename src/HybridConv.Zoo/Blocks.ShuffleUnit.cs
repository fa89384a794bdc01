namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>
    /// ShuffleNetV2's unit ("ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", Ma, Zhang, Zheng and Sun, 2018): half of the channels
    /// pass by, the other half go through a small network, and a shuffle mixes the two for the next unit.
    /// <code>
    /// x -- split --+----------------- as they are ----------------+-- concat -- shuffle
    ///              +-- 1x1 -- relu -- depthwise -- 1x1 -- relu ---+
    /// </code>
    /// </summary>
    public static NetValue ShuffleUnit(this NetValue x)
    {
        NetValue[] halves = x.Split(2);
        return halves[0].Concat(halves[1].ShuffleBranch(x.Channels / 2, stride: 1)).ChannelShuffle(2);
    }

    /// <summary>The unit that halves the height and width: both branches read all channels, and both take a step.</summary>
    /// <param name="x">The input.</param>
    /// <param name="channels">Output channels.</param>
    public static NetValue ShuffleDownUnit(this NetValue x, int channels)
    {
        NetValue near = x.DepthwiseNorm(3, stride: 2).ConvNorm(channels / 2, kernel: 1, then: Nonlinearity.Relu, gain: Gains.AfterLinear);
        return near.Concat(x.ShuffleBranch(channels / 2, stride: 2)).ChannelShuffle(2);
    }

    private static NetValue ShuffleBranch(this NetValue x, int channels, int stride) => x
        .ConvNorm(channels, kernel: 1, then: Nonlinearity.Relu)
        .DepthwiseNorm(3, stride)
        .ConvNorm(channels, kernel: 1, then: Nonlinearity.Relu, gain: Gains.AfterLinear);
}
