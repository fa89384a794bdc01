using HybridConv.Graphs;
using HybridConv.Ops.Conv;

namespace HybridConv;

/// <summary>The shape of one convolution on channels-last pictures; see <see cref="Conv.Execute"/>.</summary>
/// <param name="Batch">Pictures.</param>
/// <param name="Height">Rows of a picture.</param>
/// <param name="Width">Columns of a picture.</param>
/// <param name="InputChannels">Channels of an input pixel.</param>
/// <param name="OutputChannels">Channels of an output pixel: the number of filters.</param>
/// <param name="Kernel">The filter's size.</param>
public sealed record ConvShape(int Batch, int Height, int Width, int InputChannels, int OutputChannels, Extent Kernel)
{
    /// <summary>The step between outputs.</summary>
    public Extent Stride { get; init; } = 1;

    /// <summary>Padding around the picture. It contributes nothing to any sum.</summary>
    public Padding Padding { get; init; } = 0;

    /// <summary>The distance between the filter's taps.</summary>
    public Extent Dilation { get; init; } = 1;

    /// <summary>Parts of the channels that do not see each other.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Rows of the result.</summary>
    public int OutputHeight => Size(Height, Padding.Top, Padding.Bottom, Kernel.Height, Dilation.Height, Stride.Height);

    /// <summary>Columns of the result.</summary>
    public int OutputWidth => Size(Width, Padding.Left, Padding.Right, Kernel.Width, Dilation.Width, Stride.Width);

    /// <summary>The numbers in the result.</summary>
    public long OutputLength => new Shape(Batch, OutputHeight, OutputWidth, OutputChannels).Elements;

    internal Shape Image => new(Batch, Height, Width, InputChannels);

    internal Shape Filters => Groups < 1 || InputChannels % Groups != 0
        ? throw new ShapeException($"{InputChannels} input channels cannot be cut into {Groups} groups")
        : new Shape(OutputChannels, InputChannels / Groups, Kernel.Height, Kernel.Width);

    internal ConvAttributes Attributes =>
        new(Kernel.ToArray(), Stride.ToArray(), Dilation.ToArray(), Padding.ToArray(), Groups, AutoPad.NotSet, ChannelsLast: true);

    private static int Size(long image, long before, long after, long kernel, long dilation, long stride)
    {
        long room = image + before + after - (kernel - 1) * dilation - 1;
        if (stride < 1 || room < 0 || room / stride >= int.MaxValue)
            throw new ShapeException($"a filter of {kernel} taps, {dilation} apart, with a stride of {stride} does not fit {image} pixels padded by {before} and {after}");
        return (int)(room / stride + 1);
    }
}
