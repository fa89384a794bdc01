namespace HybridConv.Zoo;

/// <content>SqueezeNet ("SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and &lt;0.5MB model size", Iandola et al., 2016).</content>
public static partial class Networks
{
    /// <summary>SqueezeNet 1.0, the paper's.</summary>
    public static Model SqueezeNet10(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "squeezenet1.0");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.Conv(96, kernel: 7, stride: 2, pad: 0).Relu().MaxPool(3, 2, ceil: true);
        x = x.Fire(16, 64).Fire(16, 64).Fire(32, 128).MaxPool(3, 2, ceil: true);
        x = x.Fire(32, 128).Fire(48, 192).Fire(48, 192).Fire(64, 256).MaxPool(3, 2, ceil: true);
        ClassMaps(x.Fire(64, 256), options);
        return net.Build();
    }

    /// <summary>SqueezeNet 1.1, its authors' revision: earlier pooling, less work.</summary>
    public static Model SqueezeNet11(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "squeezenet1.1");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.Conv(64, kernel: 3, stride: 2, pad: 0).Relu().MaxPool(3, 2, ceil: true);
        x = x.Fire(16, 64).Fire(16, 64).MaxPool(3, 2, ceil: true);
        x = x.Fire(32, 128).Fire(32, 128).MaxPool(3, 2, ceil: true);
        ClassMaps(x.Fire(48, 192).Fire(48, 192).Fire(64, 256).Fire(64, 256), options);
        return net.Build();
    }

    /// <summary>The head: one map per class, and its mean.</summary>
    private static void ClassMaps(NetValue x, ZooOptions options)
    {
        int classes = options.Classes ?? ImageNetClasses;
        x.Pointwise(classes, biases: PositiveBiases(classes)).Relu().GlobalAveragePool().Flatten().Output("logits");
    }

    /// <summary>Biases for a ReLU that is the last layer but a mean: with seeded weights many of its maps would be nothing but zeros without them.</summary>
    private static float[] PositiveBiases(int count)
    {
        var biases = new float[count];
        Array.Fill(biases, 8);
        return biases;
    }
}
