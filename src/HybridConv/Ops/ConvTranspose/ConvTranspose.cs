using System.Numerics;
using HybridConv.Graphs;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.ConvTranspose;

/// <summary>
/// A transposed convolution as read; after inference complete (no null but <paramref name="OutputShape"/>, no <see cref="Conv.AutoPad"/>).
/// </summary>
/// <param name="KernelShape">Filter sizes of the spatial axes; null when they are to be taken from the weights.</param>
/// <param name="Strides">One per spatial axis; null for ones.</param>
/// <param name="Dilations">One per spatial axis; null for ones.</param>
/// <param name="Pads">What is cut off the full result: begins of the spatial axes, then ends; null for zeros.</param>
/// <param name="OutputPadding">Positions added at the end of each spatial axis; null for zeros.</param>
/// <param name="OutputShape">The wanted spatial sizes, from which pads are computed; null when pads decide, and after inference.</param>
/// <param name="Group">Groups G: input channels C and output channels K are both cut into G parts that do not see each other.</param>
/// <param name="AutoPad">How pads are computed from the shapes when they are not listed.</param>
/// <param name="ChannelsLast">Whether input 0 and the output are N, spatial..., C rather than N, C, spatial.... Weights are always C, K/G, spatial....</param>
/// <param name="Activation">Applied to the result, after the residual (input 3) if there is one.</param>
internal sealed record ConvTransposeAttributes(
    long[]? KernelShape, long[]? Strides, long[]? Dilations, long[]? Pads, long[]? OutputPadding, long[]? OutputShape, long Group, AutoPad AutoPad,
    bool ChannelsLast = false, Activation Activation = default);

/// <summary>
/// One spatial axis of a transposed convolution, seen from its output: tap t of output position o reads the input position i with
/// <c>i*Stride + t*Dilation = o + PadBegin</c>, if there is one.
/// </summary>
internal readonly record struct ScatterWindow(int Input, int Output, int Kernel, int Stride, int Dilation, int PadBegin)
{
    public static readonly ScatterWindow Point = new(1, 1, 1, 1, 1, 0);

    /// <summary>The taps that read an input position for this output position.</summary>
    public TapRange Reaching(int output)
    {
        long scaled = (long)output + PadBegin;
        int common = (int)BigInteger.GreatestCommonDivisor(Stride, Dilation);
        if (scaled < 0 || scaled % common != 0)
            return default;
        // t*Dilation = scaled (modulo Stride): one solution t in every `step` taps.
        int step = Stride / common;
        long solution = step == 1 ? 0 : scaled / common % step * Inverse(Dilation / common % step, step) % step;
        long past = scaled - (Input - 1L) * Stride;
        long first = past <= 0 ? 0 : (past + Dilation - 1) / Dilation;
        first += ((solution - first) % step + step) % step;
        long end = Math.Min(Kernel, scaled / Dilation + 1);
        return first < end ? new TapRange((int)first, (int)end, step) : default;
    }

    /// <summary>The input position that a tap reads, if it is one of <see cref="Reaching"/>.</summary>
    public int Source(int output, int tap) => (output + PadBegin - tap * Dilation) / Stride;

    /// <summary>The number x with a*x = 1 modulo <paramref name="modulus"/>, by Euclid's extended algorithm; the two have no common divisor.</summary>
    private static long Inverse(long a, long modulus)
    {
        (long r, long rest, long x, long next) = (modulus, a, 0, 1);
        while (rest != 0)
        {
            long quotient = r / rest;
            (r, rest) = (rest, r - quotient * rest);
            (x, next) = (next, x - quotient * next);
        }
        return x < 0 ? x + modulus : x;
    }
}

/// <summary>The taps First, First + Step, ... below End; none when First is not below End.</summary>
internal readonly record struct TapRange(int First, int End, int Step);

/// <summary>A transposed convolution with concrete shapes. Images and windows have the axes of <see cref="ImageView"/> in both layouts.</summary>
internal sealed class ConvTransposeSpec(
    ConvTransposeAttributes attributes, TensorView input, TensorView output, TensorView? residual, ScatterWindow[] windows, bool hasBias, bool constants)
{
    public ConvTransposeAttributes Attributes => attributes;
    public TensorView Input => input;
    public TensorView Output => output;

    /// <summary>The tensor that is added to the result (input 3); null when there is none.</summary>
    public TensorView? Residual => residual;

    /// <summary>Over depth, height and width.</summary>
    public ReadOnlySpan<ScatterWindow> Windows => windows;

    public bool HasBias => hasBias;

    /// <summary>Whether weights and bias are constants, so that they may be packed.</summary>
    public bool HasConstantWeights => constants;

    /// <summary>Multiply-accumulates, with those whose result is cut off.</summary>
    public double Macs => (double)input.Shape.Elements * (OutputChannels / Group) * Taps;

    public int Group => (int)attributes.Group;
    public int InputChannels => input.Shape.Dim(ImageView.Channel);
    public int OutputChannels => output.Shape.Dim(ImageView.Channel);

    /// <summary>Taps of the whole filter.</summary>
    public int Taps { get; } = windows[0].Kernel * windows[1].Kernel * windows[2].Kernel;
}

/// <summary>
/// The transposed convolution, by gathering: each output starts from its bias and takes, for r, s, c ascending, fma(x, w, acc) over the positions that
/// reach it; then the residual; then the activation.
/// </summary>
internal sealed partial class ConvTransposeOp : Op<ConvTransposeAttributes, ConvTransposeSpec>, IAddsResidual
{
    public override string Name => "ConvTranspose";
    public override IReadOnlyList<int> Opsets { get; } = [1, 11, 22];
    public override (int Min, int Max) Inputs => (2, 3);
    public int ResidualInput => 3;

    public Activation GetActivation(object attributes) => ((ConvTransposeAttributes)attributes).Activation;

    public object WithActivation(object attributes, Activation activation) => (ConvTransposeAttributes)attributes with { Activation = activation };

    public override ConvTransposeSpec Specify(ConvTransposeAttributes attributes, Node node)
    {
        bool last = attributes.ChannelsLast;
        TensorView input = ImageView.Of(node.Input(0), last), output = ImageView.Of(node.Output, last);
        ScatterWindow[] windows = [ScatterWindow.Point, ScatterWindow.Point, ScatterWindow.Point];
        int spatial = attributes.KernelShape!.Length, missing = ImageView.MaxSpatial - spatial;
        for (int axis = 0; axis < spatial; axis++)
            windows[missing + axis] = new ScatterWindow(input.Shape.Dim(ImageView.Depth + missing + axis), output.Shape.Dim(ImageView.Depth + missing + axis),
                (int)attributes.KernelShape[axis], (int)attributes.Strides![axis], (int)attributes.Dilations![axis], (int)attributes.Pads![axis]);
        TensorView? residual = node.OptionalInput(ResidualInput) is { } value ? ImageView.Of(value, last) : null;
        Value? bias = node.OptionalInput(2);
        return new ConvTransposeSpec(attributes, input, output, residual, windows, bias is not null, node.Input(1).IsConstant && bias is null or { IsConstant: true });
    }

    public override void Infer(ConvTransposeAttributes attributes, Inference x)
    {
        Shape image = x.Shape(0), weights = x.Shape(1);
        ImageView.CheckRank(x, image);
        x.RequireFloat32();
        int spatial = image.Rank - 2;
        bool last = attributes.ChannelsLast;
        long channels = image[last ? -1 : 1];
        if (weights.Rank != image.Rank)
            throw x.Error($"the weights {weights} and the image {image} differ in rank");
        if (weights[0] != channels)
            throw x.Error($"the weights {weights} take {weights[0]} channels, but the image {image} has {channels}");
        if (channels == 0)
            throw x.Error($"the image {image} has no channels");
        if (attributes.Group < 1 || channels % attributes.Group != 0)
            throw x.Error($"group {attributes.Group} does not divide the {channels} channels");
        long[] kernel = weights.Dims[2..].ToArray();
        if (attributes.KernelShape is { } stated && !stated.AsSpan().SequenceEqual(kernel))
            throw x.Error($"kernel_shape {Shape.Format(stated)} is not that of the weights {weights}");
        long outputs = weights[1] * attributes.Group;
        if (x.Has(2) && x.Shape(2) != new Shape(outputs))
            throw x.Error($"the bias {x.Shape(2)} does not have {outputs} values");

        ConvTransposeAttributes complete = Complete(attributes with { KernelShape = kernel }, x, Window.Spatial(image.Dims, last), out long[] sizes);
        x.Absorb(complete, keep: int.MaxValue);
        Span<long> dims = stackalloc long[image.Rank];
        dims[0] = image[0];
        dims[last ? ^1 : 1] = outputs;
        sizes.CopyTo(dims[(last ? 1 : 2)..]);
        var result = new Shape(dims);
        if (x.Has(ResidualInput) && x.Shape(ResidualInput) != result)
            throw x.Error($"the residual {x.Shape(ResidualInput)} does not have the result's shape {result}");
        x.Output(0, ElementType.Float32, result);
    }

    /// <summary>Fills in defaults and pads, checks everything, and gives the output's spatial sizes.</summary>
    private static ConvTransposeAttributes Complete(ConvTransposeAttributes attributes, Inference x, ReadOnlySpan<long> image, out long[] sizes)
    {
        int spatial = image.Length;
        long[] kernel = attributes.KernelShape!;
        Window.Check(x, "kernel_shape", kernel, spatial, 1);
        Window.Check(x, "strides", attributes.Strides, spatial, 1);
        Window.Check(x, "dilations", attributes.Dilations, spatial, 1);
        Window.Check(x, "output_padding", attributes.OutputPadding, spatial, 0);
        Window.Check(x, "output_shape", attributes.OutputShape, spatial, 0);
        bool automatic = attributes.OutputShape is not null || attributes.AutoPad is not AutoPad.NotSet;
        if (!automatic)
            Window.Check(x, "pads", attributes.Pads, 2 * spatial, 0);

        sizes = new long[spatial];
        long[] strides = new long[spatial], dilations = new long[spatial], pads = new long[2 * spatial], added = new long[spatial];
        for (int axis = 0; axis < spatial; axis++)
        {
            strides[axis] = attributes.Strides?[axis] ?? 1;
            dilations[axis] = kernel[axis] == 1 ? 1 : attributes.Dilations?[axis] ?? 1;
            added[axis] = attributes.OutputPadding?[axis] ?? 0;
            long full = image[axis] == 0 ? 0 : strides[axis] * (image[axis] - 1) + (kernel[axis] - 1) * dilations[axis] + 1;
            if (full + added[axis] + strides[axis] > int.MaxValue)
                throw x.Error($"spatial axis {axis} becomes {full} positions long: too much to count");
            if (automatic)
            {
                long wanted = attributes.OutputShape?[axis] ?? (attributes.AutoPad == AutoPad.Valid ? full + added[axis] : image[axis] * strides[axis]);
                long total = full + added[axis] - wanted;
                added[axis] += Math.Max(0, -total);
                total = Math.Max(0, total);
                (pads[axis], pads[axis + spatial]) = attributes.AutoPad == AutoPad.SameUpper ? (total / 2, total - total / 2) : (total - total / 2, total / 2);
            }
            else if (attributes.Pads is not null)
                (pads[axis], pads[axis + spatial]) = (attributes.Pads[axis], attributes.Pads[axis + spatial]);
            sizes[axis] = full + added[axis] - pads[axis] - pads[axis + spatial];
            if (sizes[axis] < 0 || sizes[axis] == 0 && image[axis] != 0)
                throw x.Error($"spatial axis {axis} would have {sizes[axis]} positions: pads {pads[axis]} and {pads[axis + spatial]} cut off all of {full + added[axis]}");
        }
        return attributes with
        {
            Strides = strides,
            Dilations = dilations,
            Pads = pads,
            OutputPadding = added,
            OutputShape = null,
            AutoPad = AutoPad.NotSet,
        };
    }

    public override Cost Cost(Node node)
    {
        Shape image = node.Input(0).KnownShape, weights = node.Input(1).KnownShape;
        var attributes = (ConvTransposeAttributes)node.Attributes;
        long pixels = image.Elements / Math.Max(1, image[attributes.ChannelsLast ? -1 : 1]);
        return new Cost(pixels * weights.Elements, weights.Elements + (node.OptionalInput(2)?.KnownShape.Elements ?? 0));
    }

    public override object? ToChannelsLast(Node node)
    {
        var attributes = (ConvTransposeAttributes)node.Attributes;
        return attributes.ChannelsLast ? null : attributes with { ChannelsLast = true };
    }

    /// <summary>Images may be windows; weights that the network computes are read as dense.</summary>
    public override bool AcceptsViews(Node node) => node.Input(1).IsConstant;
}
