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
        new("resnet18", "ResNet-18: residual blocks of 3x3 convolutions; 11.7 million parameters", ResNet18),
        new("resnet34", "ResNet-34: residual blocks of 3x3 convolutions; 21.8 million parameters", ResNet34),
        new("resnet50", "ResNet-50 v1.5: residual bottlenecks of 1x1 and 3x3 convolutions; 25.6 million parameters", ResNet50),
        new("mobilenetv1", "MobileNet: depthwise and 1x1 convolutions in turn; 4.2 million parameters", MobileNetV1),
        new("mobilenetv2", "MobileNetV2: inverted residuals with depthwise convolutions; 3.5 million parameters", MobileNetV2),
        new("mobilenetv3-small", "MobileNetV3-Small: gated inverted residuals, hard-swish; 2.5 million parameters", MobileNetV3Small),
        new("mobilenetv3-large", "MobileNetV3-Large: gated inverted residuals, hard-swish; 5.5 million parameters", MobileNetV3Large),
        new("squeezenet1.0", "SqueezeNet 1.0: fire modules of 1x1 and 3x3 convolutions; 1.2 million parameters", SqueezeNet10),
        new("squeezenet1.1", "SqueezeNet 1.1: the same with less work; 1.2 million parameters", SqueezeNet11),
        new("googlenet", "GoogLeNet: Inception modules, four branches side by side; 6.6 million parameters", GoogLeNet),
        new("inceptionv3", "Inception v3: modules of small and long filters, 299 pixels; 23.8 million parameters", InceptionV3),
        new("nin-cifar10", "Network in Network for CIFAR-10, 32 pixels: 1x1 convolutions behind each filter; 1.0 million parameters", NetworkInNetworkCifar10),
        new("nin-imagenet", "Network in Network for ImageNet: 1x1 convolutions behind each filter; 7.6 million parameters", NetworkInNetworkImageNet),
        new("vgg16", "VGG-16: 3x3 convolutions and large dense layers; 138.4 million parameters", Vgg16),
        new("densenet121", "DenseNet-121: every layer reads all before it; 8.0 million parameters", DenseNet121),
        new("efficientnet-b0", "EfficientNet-B0: gated inverted residuals, SiLU; 5.3 million parameters", EfficientNetB0),
        new("shufflenetv2", "ShuffleNetV2, width 1: halves of the channels, shuffled; 2.3 million parameters", ShuffleNetV2),
    ];

    /// <summary>The network of that name; null when there is none.</summary>
    public static Network? Find(string name) => All.FirstOrDefault(network => network.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
}
