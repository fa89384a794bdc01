namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>
    /// Inception v3 ("Rethinking the Inception Architecture for Computer Vision", Szegedy, Vanhoucke, Ioffe, Shlens and Wojna, 2015), without the classifier
    /// that only helps training. Pictures have 299 pixels by themselves and 75 at least.
    /// </summary>
    public static Model InceptionV3(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "inceptionv3");
        NetValue x = options.Pictures(net, side: 299);
        x = x.InceptionConv(32, 3, stride: 2, pad: 0).InceptionConv(32, 3, pad: 0).InceptionConv(64, 3).MaxPool(3, 2);
        x = x.InceptionConv(80, 1).InceptionConv(192, 3, pad: 0).MaxPool(3, 2);
        x = x.Inception35(pooled: 32).Inception35(pooled: 64).Inception35(pooled: 64).InceptionReduce35();
        x = x.Inception17(narrow: 128).Inception17(narrow: 160).Inception17(narrow: 160).Inception17(narrow: 192).InceptionReduce17();
        x = x.Inception8().Inception8();
        x.GlobalAveragePool().Flatten().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }
}
