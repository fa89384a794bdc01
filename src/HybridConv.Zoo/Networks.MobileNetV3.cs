namespace HybridConv.Zoo;

/// <content>MobileNetV3 ("Searching for MobileNetV3", Howard et al., 2019).</content>
public static partial class Networks
{
    /// <summary>One row of the paper's tables 1 and 2.</summary>
    private readonly record struct MobileRow(int Kernel, int Wide, int Channels, bool Gated, Nonlinearity Nonlinearity, int Stride);

    /// <summary>MobileNetV3-Large.</summary>
    public static Model MobileNetV3Large(ZooOptions options) => MobileNetV3(options, "mobilenetv3-large", hidden: 1280,
    [
        new(3, 16, 16, false, Nonlinearity.Relu, 1),
        new(3, 64, 24, false, Nonlinearity.Relu, 2),
        new(3, 72, 24, false, Nonlinearity.Relu, 1),
        new(5, 72, 40, true, Nonlinearity.Relu, 2),
        new(5, 120, 40, true, Nonlinearity.Relu, 1),
        new(5, 120, 40, true, Nonlinearity.Relu, 1),
        new(3, 240, 80, false, Nonlinearity.HardSwish, 2),
        new(3, 200, 80, false, Nonlinearity.HardSwish, 1),
        new(3, 184, 80, false, Nonlinearity.HardSwish, 1),
        new(3, 184, 80, false, Nonlinearity.HardSwish, 1),
        new(3, 480, 112, true, Nonlinearity.HardSwish, 1),
        new(3, 672, 112, true, Nonlinearity.HardSwish, 1),
        new(5, 672, 160, true, Nonlinearity.HardSwish, 2),
        new(5, 960, 160, true, Nonlinearity.HardSwish, 1),
        new(5, 960, 160, true, Nonlinearity.HardSwish, 1),
    ]);

    /// <summary>MobileNetV3-Small.</summary>
    public static Model MobileNetV3Small(ZooOptions options) => MobileNetV3(options, "mobilenetv3-small", hidden: 1024,
    [
        new(3, 16, 16, true, Nonlinearity.Relu, 2),
        new(3, 72, 24, false, Nonlinearity.Relu, 2),
        new(3, 88, 24, false, Nonlinearity.Relu, 1),
        new(5, 96, 40, true, Nonlinearity.HardSwish, 2),
        new(5, 240, 40, true, Nonlinearity.HardSwish, 1),
        new(5, 240, 40, true, Nonlinearity.HardSwish, 1),
        new(5, 120, 48, true, Nonlinearity.HardSwish, 1),
        new(5, 144, 48, true, Nonlinearity.HardSwish, 1),
        new(5, 288, 96, true, Nonlinearity.HardSwish, 2),
        new(5, 576, 96, true, Nonlinearity.HardSwish, 1),
        new(5, 576, 96, true, Nonlinearity.HardSwish, 1),
    ]);

    private static Model MobileNetV3(ZooOptions options, string name, int hidden, MobileRow[] rows)
    {
        const float Epsilon = 1e-3f;
        var net = new ModelBuilder(options.Seed, name);
        NetValue x = options.Pictures(net, ImageNetSide);
        x = x.ConvNorm(16, kernel: 3, stride: 2, then: Nonlinearity.HardSwish, epsilon: Epsilon);
        foreach (MobileRow row in rows)
            x = x.InvertedResidual(row.Channels, row.Wide, row.Stride, row.Kernel, row.Nonlinearity, row.Gated ? HardGate : null, Epsilon);
        x = x.ConvNorm(6 * x.Channels, kernel: 1, then: Nonlinearity.HardSwish, gain: Gains.AfterLinear, epsilon: Epsilon);
        x.GlobalAveragePool().Flatten().Dense(hidden).HardSwish().Dense(options.Classes ?? ImageNetClasses).Output("logits");
        return net.Build();
    }

    /// <summary>The gate of MobileNetV3: a quarter of the channels, rounded to a multiple of 8, squeezed.</summary>
    private static NetValue HardGate(NetValue x) => x.SqueezeExcite(MultipleOf8(x.Channels / 4), hard: true);

    /// <summary>The nearest multiple of 8 that is at least 8 and does not take away more than a tenth.</summary>
    private static int MultipleOf8(int channels)
    {
        int nearest = Math.Max(8, (channels + 4) / 8 * 8);
        return nearest * 10 < channels * 9 ? nearest + 8 : nearest;
    }
}
