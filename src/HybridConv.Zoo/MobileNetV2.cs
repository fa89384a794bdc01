namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>MobileNetV2 (Sandler et al., 2018), width 1.</summary>
    public static Model MobileNetV2(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "mobilenetv2");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.ConvNorm(32, kernel: 3, stride: 2).Relu6();
        foreach ((int expansion, int channels, int repeats, int stride) in ((int, int, int, int)[])
            [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)])
            for (int i = 0; i < repeats; i++)
                x = x.InvertedResidual(channels, expansion, i == 0 ? stride : 1);
        x = x.ConvNorm(1280, kernel: 1).Relu6();
        x.GlobalAveragePool().Flatten().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }
}

public static partial class Blocks
{
    /// <summary>
    /// MobileNetV2's block: a 1x1 convolution expands the channels, a depthwise one looks at neighbours, a 1x1 one without activation projects back;
    /// the input is added where shapes allow.
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="expansion">Channels in the middle per input channel; 1 leaves the first convolution out.</param>
    /// <param name="stride">The step of the depthwise convolution.</param>
    public static NetValue InvertedResidual(this NetValue x, int channels, int expansion, int stride = 1)
    {
        NetValue wide = expansion == 1 ? x : x.ConvNorm(x.Channels * expansion, kernel: 1).Relu6();
        NetValue narrow = wide.Depthwise(3, stride, bias: false).BatchNormalization().Relu6().ConvNorm(channels, kernel: 1);
        return stride == 1 && x.Channels == channels ? narrow.Add(x) : narrow;
    }

    /// <summary>A convolution without bias, then batch normalisation.</summary>
    /// <param name="x">The input.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="kernel">The filter's size.</param>
    /// <param name="stride">The step between outputs.</param>
    public static NetValue ConvNorm(this NetValue x, int channels, Extent kernel, int stride = 1) =>
        x.Conv(channels, kernel, stride, bias: false).BatchNormalization();
}
