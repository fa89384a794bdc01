namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>MobileNetV2, width 1 ("MobileNetV2: Inverted Residuals and Linear Bottlenecks", Sandler, Howard, Zhu, Zhmoginov and Chen, 2018).</summary>
    public static Model MobileNetV2(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "mobilenetv2");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.ConvNorm(32, kernel: 3, stride: 2, then: Nonlinearity.Relu6);
        foreach ((int expansion, int channels, int repeats, int stride) in ((int, int, int, int)[])
            [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)])
            for (int i = 0; i < repeats; i++)
                x = x.InvertedResidual(channels, expansion * x.Channels, i == 0 ? stride : 1);
        x = x.ConvNorm(1280, kernel: 1, then: Nonlinearity.Relu6, gain: Gains.AfterLinear);
        x.GlobalAveragePool().Flatten().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }
}
