namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>
    /// VGG-16 ("Very Deep Convolutional Networks for Large-Scale Image Recognition", Simonyan and Zisserman, 2014). Its first dense layer reads the map of the
    /// last convolution, and so has as many weights as the size of the pictures asks for: that of 224 pixels is 7x7.
    /// </summary>
    public static Model Vgg16(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "vgg16");
        NetValue x = options.Pictures(net, ImageNetSide);
        foreach ((int repeats, int channels) in ((int, int)[])[(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)])
        {
            for (int i = 0; i < repeats; i++)
                x = x.Conv(channels, kernel: 3).Relu();
            x = x.MaxPool(2);
        }
        x.Flatten().Dense(4096).Relu().Dense(4096).Relu().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }
}
