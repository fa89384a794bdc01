namespace HybridConv.Zoo;

public static partial class Blocks
{
    /// <summary>
    /// DenseNet's layer ("Densely Connected Convolutional Networks", Huang, Liu, van der Maaten and Weinberger, 2016): everything computed so far is its input,
    /// and it adds a few channels. Normalisation and ReLU come before the convolutions.
    /// <code>
    /// x --+-- norm -- relu -- 1x1 -- norm -- relu -- 3x3 --+-- concat
    ///     +------------------------------------------------+
    /// </code>
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="growth">Channels that are added.</param>
    public static NetValue DenseLayer(this NetValue x, int growth)
    {
        const int Bottleneck = 4;
        NetValue added = x.Norm().Relu().ConvNorm(Bottleneck * growth, kernel: 1, then: Nonlinearity.Relu).Conv(growth, kernel: 3, bias: false);
        return x.Concat(added);
    }

    /// <summary>What stands between DenseNet's blocks: half the channels, half the height and width.</summary>
    public static NetValue DenseTransition(this NetValue x) =>
        x.Norm().Relu().Pointwise(x.Channels / 2, bias: false).AveragePool(2);
}
