namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>
    /// The squeeze-and-excite gate ("Squeeze-and-Excitation Networks", Hu, Shen, Albanie, Sun and Wu, 2017): each channel is multiplied by a number between 0
    /// and 1 that two small layers compute from the means of all channels.
    /// <code>
    /// x --+-- mean -- 1x1 -- relu -- 1x1 -- sigmoid --+-- mul
    ///     +-------------------------------------------+
    /// </code>
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="squeezed">Channels between the two layers.</param>
    /// <param name="between">The nonlinearity between them.</param>
    /// <param name="hard">Whether the gate is the sigmoid in straight lines.</param>
    public static NetValue SqueezeExcite(this NetValue x, int squeezed, Nonlinearity between = Nonlinearity.Relu, bool hard = false)
    {
        NetValue excitation = x.GlobalAveragePool().Pointwise(squeezed).Activate(between).Pointwise(x.Channels);
        return x.Mul(hard ? excitation.HardSigmoid() : excitation.Sigmoid());
    }
}
