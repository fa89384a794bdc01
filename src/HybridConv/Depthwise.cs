using HybridConv.Cpu;

namespace HybridConv;

/// <summary>The shape of one depthwise convolution on channels-last pictures; see <see cref="Depthwise.Execute"/>.</summary>
/// <param name="Batch">Pictures.</param>
/// <param name="Height">Rows of a picture.</param>
/// <param name="Width">Columns of a picture.</param>
/// <param name="Channels">Channels of a pixel; every one has its own filter.</param>
/// <param name="Kernel">The filters' size.</param>
public sealed record DepthwiseShape(int Batch, int Height, int Width, int Channels, Extent Kernel)
{
    /// <summary>The step between outputs.</summary>
    public Extent Stride { get; init; } = 1;

    /// <summary>Padding around the picture. It contributes nothing to any sum.</summary>
    public Padding Padding { get; init; } = 0;

    /// <summary>The distance between the filter's taps.</summary>
    public Extent Dilation { get; init; } = 1;

    /// <summary>Rows of the result.</summary>
    public int OutputHeight => AsConv.OutputHeight;

    /// <summary>Columns of the result.</summary>
    public int OutputWidth => AsConv.OutputWidth;

    /// <summary>The numbers in the result.</summary>
    public long OutputLength => AsConv.OutputLength;

    internal ConvShape AsConv => new(Batch, Height, Width, Channels, Channels, Kernel) { Stride = Stride, Padding = Padding, Dilation = Dilation, Groups = Channels };
}

/// <summary>One depthwise convolution on the caller's spans: no graph, no session. Results are bit for bit those of a network.</summary>
public static class Depthwise
{
    /// <summary>
    /// Convolves every channel with its own filter. Runs on the caller's thread, with the widest vectors of the machine. Weights are packed anew in every call: for a
    /// layer that runs often, make a <see cref="Model"/> with <see cref="ModelBuilder"/>.
    /// </summary>
    /// <param name="image">Batch x height x width x channels.</param>
    /// <param name="weights">Channels x filter height x filter width.</param>
    /// <param name="bias">One number for each channel, or empty.</param>
    /// <param name="output">Batch x output height x output width x channels; must not overlap the others.</param>
    /// <param name="shape">The shape.</param>
    /// <exception cref="ShapeException">A span does not have the numbers that the shape asks for, or the shape is not one.</exception>
    public static void Execute(ReadOnlySpan<float> image, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output, DepthwiseShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ConvShape conv = shape.AsConv;
        LayerCall.Convolve("Depthwise.Execute", conv.Attributes, conv.Image, conv.Filters, image, weights, bias, output);
    }
}
