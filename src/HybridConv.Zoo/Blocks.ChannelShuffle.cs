namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>
    /// Mixes the channels of groups that did not see each other ("ShuffleNet: An Extremely Efficient Convolutional Neural Network for Mobile Devices", Zhang,
    /// Zhou, Lin and Sun, 2017): the first channel of each group, then the second of each, and so on.
    /// <code>
    /// a0 a1 a2 | b0 b1 b2  --  a0 b0 a1 b1 a2 b2
    /// </code>
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="groups">Groups; they divide the channels.</param>
    public static NetValue ChannelShuffle(this NetValue x, int groups)
    {
        long channels = x.Channels, height = x.Shape[2], width = x.Shape[3];
        return x.Reshape([0, groups, channels / groups, height, width]).Transpose([0, 2, 1, 3, 4]).Reshape([0, channels, height, width]);
    }
}
