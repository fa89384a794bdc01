namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>ShuffleNetV2, width 1 ("ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design", Ma, Zhang, Zheng and Sun, 2018).</summary>
    public static Model ShuffleNetV2(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "shufflenetv2");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.ConvNorm(24, kernel: 3, stride: 2, then: Nonlinearity.Relu).MaxPool(3, 2, pad: 1);
        foreach ((int repeats, int channels) in ((int, int)[])[(4, 116), (8, 232), (4, 464)])
        {
            x = x.ShuffleDownUnit(channels);
            for (int i = 1; i < repeats; i++)
                x = x.ShuffleUnit();
        }
        x = x.ConvNorm(1024, kernel: 1, then: Nonlinearity.Relu);
        x.GlobalAveragePool().Flatten().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }
}
