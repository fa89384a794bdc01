namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>
    /// MobileNetV2's block ("MobileNetV2: Inverted Residuals and Linear Bottlenecks", Sandler, Howard, Zhu, Zhmoginov and Chen, 2018): a 1x1 convolution
    /// expands the channels, a depthwise one looks at neighbours, a 1x1 one without nonlinearity projects back; the input is added where shapes allow.
    /// MobileNetV3 and EfficientNet gate the wide channels.
    /// <code>
    /// x --+-- (1x1 expand) -- depthwise -- (gate) -- 1x1 project --+-- (add)
    ///     +--------------------------------------------------------+
    /// </code>
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="wide">Channels in the middle; as many as the input's leave the first convolution out.</param>
    /// <param name="stride">The step of the depthwise convolution.</param>
    /// <param name="kernel">The depthwise filter's size.</param>
    /// <param name="nonlinearity">What follows the first two convolutions.</param>
    /// <param name="gate">What gates the wide channels; null for nothing.</param>
    /// <param name="epsilon">What the normalisations add to variances.</param>
    public static NetValue InvertedResidual(
        this NetValue x, int channels, int wide, int stride = 1, int kernel = 3,
        Nonlinearity nonlinearity = Nonlinearity.Relu6, Func<NetValue, NetValue>? gate = null, float epsilon = 1e-5f)
    {
        bool expands = wide != x.Channels, adds = stride == 1 && x.Channels == channels;
        float gain = Gains.After(nonlinearity);
        NetValue middle = expands ? x.ConvNorm(wide, kernel: 1, then: nonlinearity, gain: Gains.AfterLinear, epsilon: epsilon) : x;
        middle = middle.DepthwiseNorm(kernel, stride, nonlinearity, gain, epsilon);
        if (gate is not null)
        {
            middle = gate(middle);
            gain *= Gains.AfterGate;
        }
        NetValue narrow = middle.ConvNorm(channels, kernel: 1, gain: adds ? gain * Gains.Residual : gain, epsilon: epsilon);
        return adds ? narrow.Add(x) : narrow;
    }
}
