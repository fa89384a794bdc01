namespace HybridConv.Cli.LayoutClaim;

/// <summary>A pointwise layer without bias on one image.</summary>
/// <param name="Origin">The network that has it.</param>
/// <param name="Side">Height and width of the image.</param>
/// <param name="InputChannels">Channels of an input pixel.</param>
/// <param name="OutputChannels">Channels of an output pixel.</param>
internal sealed record ClaimLayer(string Origin, int Side, int InputChannels, int OutputChannels)
{
    /// <summary>
    /// Layers of published networks: deep and shallow, on large images and small ones, some whose pixels do not fill vectors, and one whose planes are a power
    /// of two, so that a pixel's channels fall into one set of a cache; and one of very few channels.
    /// </summary>
    public static IReadOnlyList<ClaimLayer> Published { get; } =
    [
        new("ResNet-50, expand", 56, 64, 256),
        new("ResNet-50, reduce", 28, 512, 128),
        new("Hourglass, reduce", 64, 256, 128),
        new("GoogLeNet, 3b", 28, 256, 64),
        new("MobileNetV2, project", 14, 576, 96),
        new("ResNet-50, expand", 7, 512, 2048),
        new("MobileNetV1, first", 112, 32, 64),
        new("a mix of colours", 112, 3, 16),
    ];

    public string Name => $"{Side}x{Side} {InputChannels}-{OutputChannels}";

    public PointwiseShape Shape => new(Side * Side, InputChannels, OutputChannels);

    public double Macs => (double)Side * Side * InputChannels * OutputChannels;
}
