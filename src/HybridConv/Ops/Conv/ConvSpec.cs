using HybridConv.Graphs;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Conv;

/// <summary>
/// A convolution with concrete shapes. Images have the axes of <see cref="ImageView"/> in both layouts; weights are K, C/G, depth, height, width.
/// A pointwise convolution whose pixels are evenly spaced appears as one image of one line, so that nothing stops at the end of a row.
/// </summary>
internal sealed class ConvSpec
{
    private readonly Window[] windows;

    /// <param name="groups">At least 1.</param>
    /// <param name="windows">Over depth, height and width.</param>
    /// <param name="input">The image, in <see cref="ImageView"/>'s axes.</param>
    /// <param name="outputs">The tensors that share the result's channels, in order, likewise; mostly one.</param>
    /// <param name="residual">What is added before the activation; null when nothing is.</param>
    /// <param name="weights">The weights' shape: K, C/G, then depth, height and width.</param>
    /// <param name="channelsLast">The layout of the images.</param>
    /// <param name="activation">Applied last.</param>
    /// <param name="hasBias">Whether there is a bias: one number per output channel.</param>
    /// <param name="constants">Whether weights and bias are constants, so that they may be packed.</param>
    /// <param name="scaling">What happens to the image first; null when nothing does.</param>
    public ConvSpec(int groups, Window[] windows, TensorView input, TensorView[] outputs, TensorView? residual, Shape weights,
        bool channelsLast, Activation activation, bool hasBias, bool constants, InputScaling? scaling = null)
    {
        (Groups, ChannelsLast, Activation, HasBias, HasConstantWeights, Weights, Scaling) = (groups, channelsLast, activation, hasBias, constants, weights, scaling);
        IsPointwise = Array.TrueForAll(windows, w => w.Kernel == 1 && w.PadBegin == 0 && w.PadEnd == 0);
        bool isLine = IsPointwise && Array.TrueForAll(windows, w => w.Stride == 1) && Array.TrueForAll([input, .. outputs, .. residual is null ? [] : (ReadOnlySpan<TensorView>)[residual]], IsEven)
            && input.Shape.Elements <= int.MaxValue && Array.TrueForAll(outputs, output => output.Shape.Elements <= int.MaxValue);
        (Input, Outputs, Residual) = isLine ? (Line(input), Array.ConvertAll(outputs, Line), residual is null ? null : Line(residual)) : (input, outputs, residual);
        int pixels = Input.Shape.Dim(ImageView.Width);
        ImagePixels = pixels / (isLine ? Math.Max(1, input.Shape.Dim(ImageView.Batch)) : 1);
        this.windows = isLine ? [ImageView.Point, ImageView.Point, ImageView.Point with { Input = pixels, Output = pixels }] : windows;
        Depth = weights.Product(1, weights.Rank);
    }

    public int Groups { get; }
    public bool ChannelsLast { get; }
    public Activation Activation { get; }
    public bool HasBias { get; }
    public bool HasConstantWeights { get; }
    public Shape Weights { get; }
    public TensorView Input { get; }

    /// <summary>The tensors that share the output channels, in order.</summary>
    public IReadOnlyList<TensorView> Outputs { get; }

    /// <summary>The only one of <see cref="Outputs"/>.</summary>
    public TensorView Output => Outputs is [var only] ? only : throw new InvalidOperationException($"{Outputs.Count} tensors share the output channels.");

    public TensorView? Residual { get; }

    /// <summary>What happens to the image before it is convolved; null when nothing does.</summary>
    public InputScaling? Scaling { get; }

    /// <summary>The pixels of one image on a line; a line of a convolution that <see cref="IsPointwise"/> may hold several images.</summary>
    public int ImagePixels { get; }

    /// <summary>Over depth, height and width.</summary>
    public ReadOnlySpan<Window> Windows => windows;

    /// <summary>Whether every output pixel sees exactly one input pixel: a filter of size 1 and no padding; strides are allowed.</summary>
    public bool IsPointwise { get; }

    public int Batch => Input.Shape.Dim(ImageView.Batch);

    /// <summary>Input channels C of all groups together.</summary>
    public int Channels => Input.Shape.Dim(ImageView.Channel);

    /// <summary>Output channels K of all groups together.</summary>
    public int Filters => Weights.Dim(0);

    public int GroupChannels => Channels / Groups;
    public int GroupFilters => Filters / Groups;

    /// <summary>The number of products in one output: the length of the sum over filter positions and channels.</summary>
    public long Depth { get; }

    /// <summary>Output pixels of all images.</summary>
    public long Pixels => Filters == 0 ? 0 : Outputs[0].Shape[ImageView.Batch] * Outputs[0].Shape.Product(ImageView.Depth, Outputs[0].Shape.Rank);

    /// <summary>Whether the pixels of all images, in order, lie the same distance apart.</summary>
    private static bool IsEven(TensorView image)
    {
        long stride = 0, pixels = 1;
        foreach (int axis in (ReadOnlySpan<int>)[ImageView.Width, ImageView.Height, ImageView.Depth, ImageView.Batch])
        {
            long size = image.Shape[axis];
            if (size == 1)
                continue;
            if (pixels == 1)
                stride = image.Strides[axis];
            else if (image.Strides[axis] != stride * pixels)
                return false;
            pixels *= size;
        }
        return true;
    }

    private static TensorView Line(TensorView image)
    {
        long stride = 0;
        foreach (int axis in (ReadOnlySpan<int>)[ImageView.Width, ImageView.Height, ImageView.Depth, ImageView.Batch])
            if (stride == 0 && image.Shape[axis] != 1)
                stride = image.Strides[axis];
        long channels = image.Shape[ImageView.Channel];
        long pixels = image.Shape[ImageView.Batch] * image.Shape.Product(ImageView.Depth, image.Shape.Rank);
        return new TensorView(new Shape(1, channels, 1, 1, pixels), image.Offset, [0, image.Strides[ImageView.Channel], 0, 0, stride]);
    }
}

/// <summary>The image counts as Activation(image * Scale + Shift), the product and sum rounded once.</summary>
/// <param name="Scale">One number per channel, for all images or each; in <see cref="ImageView"/>'s axes.</param>
/// <param name="Shift">Likewise; null for zeros.</param>
/// <param name="Activation">Applied last.</param>
internal sealed record InputScaling(TensorView Scale, TensorView? Shift, Activation Activation)
{
    /// <summary>Elements from one image's numbers to the next one's.</summary>
    public static long ImageStride(TensorView numbers) => numbers.Shape[ImageView.Batch] == 1 ? 0 : numbers.Strides[ImageView.Batch];
}
