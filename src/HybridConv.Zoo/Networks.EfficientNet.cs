namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>EfficientNet-B0 ("EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks", Tan and Le, 2019).</summary>
    public static Model EfficientNetB0(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "efficientnet-b0");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.ConvNorm(32, kernel: 3, stride: 2, then: Nonlinearity.Silu);
        foreach ((int expansion, int kernel, int channels, int repeats, int stride) in ((int, int, int, int, int)[])
            [(1, 3, 16, 1, 1), (6, 3, 24, 2, 2), (6, 5, 40, 2, 2), (6, 3, 80, 3, 2), (6, 5, 112, 3, 1), (6, 5, 192, 4, 2), (6, 3, 320, 1, 1)])
            for (int i = 0; i < repeats; i++)
            {
                // A quarter of the block's input, not of the wide channels that it gates.
                int squeezed = x.Channels / 4;
                NetValue Gate(NetValue wide) => wide.SqueezeExcite(squeezed, Nonlinearity.Silu);
                x = x.InvertedResidual(channels, expansion * x.Channels, i == 0 ? stride : 1, kernel, Nonlinearity.Silu, Gate);
            }
        x = x.ConvNorm(1280, kernel: 1, then: Nonlinearity.Silu, gain: Gains.AfterLinear);
        x.GlobalAveragePool().Flatten().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }
}
