using System.Runtime.CompilerServices;
using HybridConv.Graphs;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Pool;

/// <summary>A pooling window as read; complete (no null, no <see cref="Conv.AutoPad"/>) after inference.</summary>
/// <param name="KernelShape">One size per spatial axis.</param>
/// <param name="Strides">One per spatial axis; null for ones.</param>
/// <param name="Dilations">One per spatial axis; null for ones.</param>
/// <param name="Pads">Begins of the spatial axes, then ends; null for zeros.</param>
/// <param name="AutoPad">How pads are computed from the shapes when they are not listed.</param>
/// <param name="CeilMode">Whether the last window may reach over the end of the padded image.</param>
/// <param name="CountIncludePad">Whether an average counts padded positions (as zeros), though not those that <paramref name="CeilMode"/> adds.</param>
/// <param name="Indices">Whether a maximum's position is asked for, as output 1.</param>
/// <param name="ColumnMajor">Whether that position counts the first spatial axis fastest.</param>
/// <param name="ChannelsLast">Whether the images are N, spatial..., C rather than N, C, spatial....</param>
internal sealed record PoolAttributes(
    long[] KernelShape, long[]? Strides, long[]? Dilations, long[]? Pads, AutoPad AutoPad, bool CeilMode,
    bool CountIncludePad = false, bool Indices = false, bool ColumnMajor = false, bool ChannelsLast = false);

/// <summary>A pool with concrete shapes. Images and windows have the axes of <see cref="ImageView"/> in both layouts.</summary>
internal sealed class PoolSpec(PoolAttributes attributes, ElementType type, TensorView input, TensorView output, Window[] windows)
{
    public PoolAttributes Attributes => attributes;
    public ElementType Type => type;
    public TensorView Input => input;
    public TensorView Output => output;

    /// <summary>Over depth, height and width.</summary>
    public ReadOnlySpan<Window> Windows => windows;

    /// <summary>The input's strides where a walk over the output's positions moves from image to image, and stays within one.</summary>
    public long[] PlaneStrides { get; } = [input.Strides[ImageView.Batch], input.Strides[ImageView.Channel], 0, 0, 0];

    public long Channels => input.Shape[ImageView.Channel];

    /// <summary>The taps of an output position that lie inside the image.</summary>
    public Taps Taps(int d, int h, int w) => new(windows, input.Strides, d, h, w);

    /// <summary>What an average divides the sum at an output position by.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public long Divisor(int d, int h, int w) => Counted(windows[0], d) * Counted(windows[1], h) * Counted(windows[2], w);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private long Counted(in Window window, int output) => attributes.CountIncludePad
        ? window.EndTap(output, window.Input + window.PadEnd)
        : Math.Max(0, window.EndTap(output) - window.FirstTap(output));
}

/// <summary>An operator that reduces a window around each pixel, channel by channel.</summary>
internal abstract class PoolOp : Op<PoolAttributes, PoolSpec>, IHasPads
{
    public override (int Min, int Max) Inputs => (1, 1);

    /// <summary>Whether elements of this type can be pooled.</summary>
    protected abstract bool Supports(ElementType type);

    public override PoolSpec Specify(PoolAttributes attributes, Node node)
    {
        ReadOnlySpan<long> image = Window.Spatial(node.Input(0).KnownShape.Dims, attributes.ChannelsLast);
        ReadOnlySpan<long> result = Window.Spatial(node.Output.KnownShape.Dims, attributes.ChannelsLast);
        Window[] windows = Window.Of(image, result, attributes.KernelShape, attributes.Strides!, attributes.Dilations!, attributes.Pads!);
        return new PoolSpec(attributes, node.Input(0).Type, ImageView.Of(node.Input(0), attributes.ChannelsLast),
            ImageView.Of(node.Output, attributes.ChannelsLast), ImageView.Of(windows));
    }

    public override void Infer(PoolAttributes attributes, Inference x)
    {
        Shape image = x.Shape(0);
        ImageView.CheckRank(x, image);
        if (!Supports(x.Type(0)))
            throw x.UnsupportedType(0);
        bool last = attributes.ChannelsLast;
        Window[] windows = Window.Resolve(x, Window.Spatial(image.Dims, last), attributes.KernelShape, attributes.Strides,
            attributes.Dilations, attributes.Pads, attributes.AutoPad, attributes.CeilMode);
        x.Absorb(attributes with
        {
            Strides = Window.Strides(windows),
            Dilations = Window.Dilations(windows),
            Pads = Window.Pads(windows),
            AutoPad = AutoPad.NotSet,
        }, keep: 1);
        Shape result = Window.OutputShape(image[0], image[last ? -1 : 1], windows, last);
        x.Output(0, x.Type(0), result);
        x.Output(1, ElementType.Int64, result);
    }

    /// <summary>Positions of maxima count in channels-first order and stay with that layout.</summary>
    public override object? ToChannelsLast(Node node)
    {
        var attributes = (PoolAttributes)node.Attributes;
        return attributes.ChannelsLast || attributes.Indices ? null : attributes with { ChannelsLast = true };
    }

    public override bool AcceptsViews(Node node) => !((PoolAttributes)node.Attributes).Indices;

    public abstract object? WithPadsAdded(Node node, ReadOnlySpan<long> pads, float value);

    /// <summary>The attributes with larger pads; null where <see cref="PoolAttributes.CeilMode"/> or negative pads would give another output shape.</summary>
    protected static PoolAttributes? Padded(PoolAttributes attributes, ReadOnlySpan<long> pads) =>
        !attributes.CeilMode && Window.Sum(attributes.Pads!, pads) is { } sum ? attributes with { Pads = sum } : null;

    /// <summary>What both operators write in a file, up to the members of <see cref="PoolAttributes"/> that only one of them has.</summary>
    protected static PoolAttributes ReadWindow(NodeReader node) => new(
        node.Ints("kernel_shape") ?? throw node.Unsupported("kernel_shape is missing"),
        node.Ints("strides"), node.Ints("dilations"), node.Ints("pads"), AutoPads.Read(node), node.Int("ceil_mode", 0) != 0);
}
