using System.CommandLine;
using System.Globalization;
using HybridConv.Tools;
using HybridConv.Tools.Data;

namespace HybridConv.Cli;

/// <summary>The options that say how a picture becomes a network's input.</summary>
internal sealed class ImageOptions
{
    private readonly Option<string?> mean = new("--mean") { Description = "Subtracted after scaling, per channel (default 0).", HelpName = "R,G,B" };
    private readonly Option<string?> std = new("--std") { Description = "Divided by after the mean is subtracted, per channel (default 1).", HelpName = "R,G,B" };
    private readonly Option<float?> scale = new("--scale") { Description = "Multiplies the pixels' 0..255 (default 1).", HelpName = "S" };
    private readonly Option<bool> bgr = new("--bgr") { Description = "Swap red and blue before scaling: --mean and --std are then B,G,R." };

    private readonly Option<string?> layout = new Option<string?>("--layout")
    {
        Description = "The order of the network's input (default: told from its shape).",
    }.AcceptOnlyFromAmong("nchw", "nhwc");

    private readonly Option<string> fit = new Option<string>("--fit")
    {
        Description = "centre: the largest centred square, resized; stretch: all of it; letterbox: all of it with a border.",
        DefaultValueFactory = _ => "centre",
    }.AcceptOnlyFromAmong("centre", "stretch", "letterbox");

    private readonly Option<string?> size = new("--size") { Description = "The picture's height and width where the network leaves them open (default: the picture's own).", HelpName = "H,W" };

    private readonly Option<string?> preset = new Option<string?>("--preset")
    {
        Description = "imagenet: scale 1/255, mean 0.485,0.456,0.406, std 0.229,0.224,0.225.",
    }.AcceptOnlyFromAmong("imagenet");

    public Option<string?> Image { get; } = new("--image") { Description = "A picture for the network's image input: decoded to RGB, resized, normalised.", HelpName = "FILE" };

    public Option[] All => [Image, mean, std, scale, bgr, layout, fit, size, preset];

    public PictureInput Read(ParseResult parse)
    {
        bool imageNet = parse.GetValue(preset) == "imagenet";
        return new PictureInput(
            Enum.Parse<Fit>(parse.GetValue(fit)!, ignoreCase: true),
            parse.GetValue(scale) ?? (imageNet ? 1f / 255 : 1),
            parse.GetValue(mean) is { } means ? Numbers(means, "--mean") : imageNet ? [0.485f, 0.456f, 0.406f] : [0],
            parse.GetValue(std) is { } deviations ? Numbers(deviations, "--std") : imageNet ? [0.229f, 0.224f, 0.225f] : [1],
            parse.GetValue(bgr),
            parse.GetValue(layout) is { } order ? order == "nhwc" : null,
            parse.GetValue(size) is { } text ? Extent(text) : null);
    }

    /// <summary>Numbers separated by commas.</summary>
    public static float[] Numbers(string text, string option) => Array.ConvertAll(text.Split(','), part =>
        float.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out float number) && float.IsFinite(number)
            ? number
            : throw new UsageException($"{option} {text}: '{part}' is not a number"));

    /// <summary>A height and a width.</summary>
    public static Extent Extent(string text) => Numbers(text, "--size") is [>= 1 and <= 65536, >= 1 and <= 65536] numbers
        ? ((int)numbers[0], (int)numbers[1])
        : throw new UsageException($"--size {text}: H,W is wanted");
}
