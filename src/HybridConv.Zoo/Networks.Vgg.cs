namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>The side of the map that the published dense layers read: that of pictures of 224 pixels.</summary>
    private const int VggMap = 7;

    /// <summary>
    /// VGG-16 ("Very Deep Convolutional Networks for Large-Scale Image Recognition", Simonyan and Zisserman, 2014). Larger pictures than 224 pixels are seen as in the
    /// paper's section 3.2: the dense layers become a 7x7 and two 1x1 convolutions of the same weights, and the scores are the means over the map that they give.
    /// Smaller pictures end in a smaller map, and the first dense layer has as many weights as that asks for.
    /// </summary>
    public static Model Vgg16(ZooOptions options)
    {
        const int Hidden = 4096;
        int classes = options.Classes ?? ImageNetClasses;
        var net = new ModelBuilder(options.Seed, "vgg16");
        NetValue x = options.Pictures(net, ImageNetSide);
        foreach ((int repeats, int channels) in ((int, int)[])[(2, 64), (2, 128), (3, 256), (3, 512), (3, 512)])
        {
            for (int i = 0; i < repeats; i++)
                x = x.Conv(channels, kernel: 3).Relu();
            x = x.MaxPool(2);
        }
        (long height, long width) = (x.Shape[2], x.Shape[3]);
        NetValue scores = height <= VggMap && width <= VggMap
            ? x.Flatten().Dense(Hidden).Relu().Dense(Hidden).Relu().Dense(classes)
            : x.Conv(Hidden, kernel: ((int)Math.Min(height, VggMap), (int)Math.Min(width, VggMap)), pad: 0).Relu().Pointwise(Hidden).Relu().Pointwise(classes).GlobalAveragePool().Flatten();
        scores.Output("logits");
        return net.Build();
    }
}
