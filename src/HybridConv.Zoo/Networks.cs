namespace HybridConv.Zoo;

/// <summary>A network of the zoo by its name.</summary>
/// <param name="Name">As on the command line.</param>
/// <param name="Description">One line.</param>
/// <param name="Build">Makes the network.</param>
public sealed record Network(string Name, string Description, Func<ZooOptions, Model> Build);

/// <summary>Well-known networks with seeded weights: the published architectures, for measuring and testing. They have learned nothing.</summary>
public static partial class Networks
{
    private const int ImageNetClasses = 1000, ImageNetSide = 224;

    /// <summary>Every network.</summary>
    public static IReadOnlyList<Network> All { get; } =
    [
        new("squeezenet1.1", "SqueezeNet 1.1: fire modules of 1x1 and 3x3 convolutions; 1.2 million parameters", SqueezeNet11),
        new("mobilenetv2", "MobileNetV2: inverted residuals with depthwise convolutions; 3.5 million parameters", MobileNetV2),
        new("resnet18", "ResNet-18: residual blocks of 3x3 convolutions; 11.7 million parameters", ResNet18),
    ];

    /// <summary>The network of that name; null when there is none.</summary>
    public static Network? Find(string name) => All.FirstOrDefault(network => network.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
