namespace HybridConv.Zoo;

public static partial class Networks
{
    /// <summary>ResNet-18 (He et al., 2015).</summary>
    public static Model ResNet18(ZooOptions options)
    {
        var net = new ModelBuilder(options.Seed, "resnet18");
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.ConvNorm(64, kernel: 7, stride: 2).Relu().MaxPool(3, 2, pad: 1);
        foreach ((int channels, int stride) in ((int, int)[])[(64, 1), (128, 2), (256, 2), (512, 2)])
            x = x.BasicBlock(channels, stride).BasicBlock(channels);
        x.GlobalAveragePool().Flatten().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }
}

public static partial class Blocks
{
    /// <summary>
    /// ResNet's block for shallow networks: two 3x3 convolutions, added to the input. Where the shape changes, the input goes through a 1x1 convolution.
    /// </summary>
    /// <param name="x">The input.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="stride">The step of the first convolution.</param>
    public static NetValue BasicBlock(this NetValue x, int channels, int stride = 1)
    {
        NetValue change = x.ConvNorm(channels, kernel: 3, stride).Relu().ConvNorm(channels, kernel: 3);
        NetValue shortcut = stride == 1 && x.Channels == channels ? x : x.ConvNorm(channels, kernel: 1, stride);
        return change.Add(shortcut).Relu();
    }
}
