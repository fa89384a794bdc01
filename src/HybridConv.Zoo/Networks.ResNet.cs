namespace HybridConv.Zoo;

/// <content>ResNet ("Deep Residual Learning for Image Recognition", He, Zhang, Ren and Sun, 2015).</content>
public static partial class Networks
{
    /// <summary>ResNet-18: two basic blocks per stage.</summary>
    public static Model ResNet18(ZooOptions options) => ResNet(options, "resnet18", [2, 2, 2, 2], Blocks.BasicBlock);

    /// <summary>ResNet-34: basic blocks.</summary>
    public static Model ResNet34(ZooOptions options) => ResNet(options, "resnet34", [3, 4, 6, 3], Blocks.BasicBlock);

    /// <summary>ResNet-50 in the form known as v1.5: bottleneck blocks.</summary>
    public static Model ResNet50(ZooOptions options) => ResNet(options, "resnet50", [3, 4, 6, 3], Blocks.Bottleneck);

    private static Model ResNet(ZooOptions options, string name, int[] repeats, Func<NetValue, int, int, NetValue> block)
    {
        var net = new ModelBuilder(options.Seed, name);
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.ConvNorm(64, kernel: 7, stride: 2, then: Nonlinearity.Relu).MaxPool(3, 2, pad: 1);
        for (int stage = 0; stage < repeats.Length; stage++)
            for (int i = 0; i < repeats[stage]; i++)
                x = block(x, 64 << stage, stage > 0 && i == 0 ? 2 : 1);
        x.GlobalAveragePool().Flatten().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }
}
