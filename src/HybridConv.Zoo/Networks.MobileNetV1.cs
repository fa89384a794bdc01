namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>MobileNet, width 1 ("MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications", Howard et al., 2017).</summary>
    public static Model MobileNetV1(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "mobilenetv1");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.ConvNorm(32, kernel: 3, stride: 2, then: Nonlinearity.Relu);
        x = x.Separable(64).Separable(128, stride: 2).Separable(128).Separable(256, stride: 2).Separable(256).Separable(512, stride: 2);
        x = x.Separable(512).Separable(512).Separable(512).Separable(512).Separable(512).Separable(1024, stride: 2).Separable(1024);
        x.GlobalAveragePool().Flatten().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }
}
