namespace HybridConv.Zoo;

/// <content>Network in Network ("Network In Network", Lin, Chen and Yan, 2013), in the forms that its authors published as networks for Caffe.</content>
public static partial class Networks
{
    /// <summary>Network in Network for CIFAR-10: pictures of 32 pixels, ten classes.</summary>
    public static Model NetworkInNetworkCifar10(ZooOptions options)
    {
        int classes = options.Classes ?? 10;
        var net = new ModelBuilder(options.Seed, "nin-cifar10");
        NetValue x = options.Pictures(net, side: 32);
        x = x.MlpConv((192, 160, 96), kernel: 5).MaxPool(3, 2, ceil: true);
        x = x.MlpConv((192, 192, 192), kernel: 5).AveragePool(3, 2, ceil: true);
        x = x.MlpConv((192, 192, classes), kernel: 3, biases: PositiveBiases(classes));
        x.GlobalAveragePool().Flatten().Output("logits");
        return net.Build();
    }

    /// <summary>Network in Network for ImageNet.</summary>
    public static Model NetworkInNetworkImageNet(ZooOptions options)
    {
        int classes = options.Classes ?? ImageNetClasses;
        var net = new ModelBuilder(options.Seed, "nin-imagenet");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.MlpConv((96, 96, 96), kernel: 11, stride: 4, pad: 0).MaxPool(3, 2, ceil: true);
        x = x.MlpConv((256, 256, 256), kernel: 5).MaxPool(3, 2, ceil: true);
        x = x.MlpConv((384, 384, 384), kernel: 3).MaxPool(3, 2, ceil: true);
        x = x.MlpConv((1024, 1024, classes), kernel: 3, biases: PositiveBiases(classes));
        x.GlobalAveragePool().Flatten().Output("logits");
        return net.Build();
    }
}
