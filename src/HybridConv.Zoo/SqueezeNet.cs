namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>SqueezeNet 1.1 (Iandola et al., 2016, and its later revision).</summary>
    public static Model SqueezeNet11(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "squeezenet1.1");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.Conv(64, kernel: 3, stride: 2, pad: 0).Relu().MaxPool(3, 2, ceil: true);
        x = x.Fire(16, 64).Fire(16, 64).MaxPool(3, 2, ceil: true);
        x = x.Fire(32, 128).Fire(32, 128).MaxPool(3, 2, ceil: true);
        x = x.Fire(48, 192).Fire(48, 192).Fire(64, 256).Fire(64, 256);
        x = x.Pointwise(options.Classes ?? ImageNetClasses).Relu();
        x.GlobalAveragePool().Flatten().Output("logits");
        return net.Build();
    }
}

public static partial class Blocks
{
    /// <summary>
    /// SqueezeNet's fire module: a 1x1 convolution squeezes the channels, then a 1x1 and a 3x3 convolution expand them side by side.
    /// <code>
    /// x -- 1x1 squeeze -- relu --+-- 1x1 expand -- relu --+-- concat
    ///                            +-- 3x3 expand -- relu --+
    /// </code>
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="squeeze">Channels between the two layers.</param>
    /// <param name="expand">Output channels of each of the two expanding convolutions.</param>
    public static NetValue Fire(this NetValue x, int squeeze, int expand)
    {
        NetValue narrow = x.Pointwise(squeeze).Relu();
        return narrow.Pointwise(expand).Relu().Concat(narrow.Conv(expand, kernel: 3).Relu());
    }
}
