namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>DenseNet-121 ("Densely Connected Convolutional Networks", Huang, Liu, van der Maaten and Weinberger, 2016).</summary>
    public static Model DenseNet121(ZooOptions options)
    {
        const int Growth = 32;
        var net = new ModelBuilder(options.Seed, "densenet121");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.ConvNorm(2 * Growth, kernel: 7, stride: 2, then: Nonlinearity.Relu).MaxPool(3, 2, pad: 1);
        int[] layers = [6, 12, 24, 16];
        for (int block = 0; block < layers.Length; block++)
        {
            if (block > 0)
                x = x.DenseTransition();
            for (int i = 0; i < layers[block]; i++)
                x = x.DenseLayer(Growth);
        }
        x.BatchNormalization().Relu().GlobalAveragePool().Flatten().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }
}
