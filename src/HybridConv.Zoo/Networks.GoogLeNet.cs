namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>
    /// GoogLeNet ("Going Deeper with Convolutions", Szegedy et al., 2014), with batch normalisation and without the classifiers that only help training.
    /// </summary>
    public static Model GoogLeNet(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "googlenet");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.InceptionConv(64, 7, stride: 2).MaxPool(3, 2, ceil: true);
        x = x.InceptionConv(64, 1).InceptionConv(192, 3).MaxPool(3, 2, ceil: true);
        x = x.InceptionModule(64, (96, 128), (16, 32), 32)
            .InceptionModule(128, (128, 192), (32, 96), 64).MaxPool(3, 2, ceil: true);
        x = x.InceptionModule(192, (96, 208), (16, 48), 64)
            .InceptionModule(160, (112, 224), (24, 64), 64)
            .InceptionModule(128, (128, 256), (24, 64), 64)
            .InceptionModule(112, (144, 288), (32, 64), 64)
            .InceptionModule(256, (160, 320), (32, 128), 128).MaxPool(2, 2, ceil: true);
        x = x.InceptionModule(256, (160, 320), (32, 128), 128)
            .InceptionModule(384, (192, 384), (48, 128), 128);
        x.GlobalAveragePool().Flatten().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }
}
