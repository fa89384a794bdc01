namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>
    /// A convolution without bias, then batch normalisation, then a nonlinearity ("Batch Normalization: Accelerating Deep Network Training by Reducing Internal
    /// Covariate Shift", Ioffe and Szegedy, 2015).
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="kernel">The filter's size.</param>
    /// <param name="stride">The step between outputs.</param>
    /// <param name="pad">Zeros around the picture; null centres the filter.</param>
    /// <param name="groups">Parts of the channels that do not see each other.</param>
    /// <param name="then">The nonlinearity.</param>
    /// <param name="gain">The normalisation's scale, see <see cref="Gains"/>; null for seeded ones around 1.</param>
    /// <param name="epsilon">What the normalisation adds to variances.</param>
    public static NetValue ConvNorm(
        this NetValue x, int channels, Extent kernel, int stride = 1, Padding? pad = null, int groups = 1,
        Nonlinearity then = Nonlinearity.None, float? gain = null, float epsilon = 1e-5f) =>
        x.Conv(channels, kernel, stride, pad, groups: groups, bias: false).Norm(gain, epsilon).Activate(then);

    /// <summary>A convolution of each channel on its own, then batch normalisation, then a nonlinearity.</summary>
    /// <inheritdoc cref="ConvNorm"/>
    public static NetValue DepthwiseNorm(
        this NetValue x, Extent kernel, int stride = 1, Nonlinearity then = Nonlinearity.None, float? gain = null, float epsilon = 1e-5f) =>
        x.ConvNorm(x.Channels, kernel, stride, groups: x.Channels, then: then, gain: gain, epsilon: epsilon);

    /// <summary>The layer of a nonlinearity; none for <see cref="Nonlinearity.None"/>.</summary>
    public static NetValue Activate(this NetValue x, Nonlinearity nonlinearity) => nonlinearity switch
    {
        Nonlinearity.None => x,
        Nonlinearity.Relu => x.Relu(),
        Nonlinearity.Relu6 => x.Relu6(),
        Nonlinearity.Silu => x.Silu(),
        Nonlinearity.HardSwish => x.HardSwish(),
        _ => throw new ArgumentOutOfRangeException(nameof(nonlinearity), nonlinearity, "There is no such nonlinearity."),
    };

    private static NetValue Norm(this NetValue x, float? gain = null, float epsilon = 1e-5f) =>
        x.BatchNormalization(epsilon, scale: gain is float scale ? Repeated(scale, x.Channels) : null);

    private static float[] Repeated(float value, int count)
    {
        var values = new float[count];
        Array.Fill(values, value);
        return values;
    }
}
