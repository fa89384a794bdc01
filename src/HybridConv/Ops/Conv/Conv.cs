using HybridConv.Graphs;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Conv;

/// <summary>
/// Convolution (ONNX's: cross-correlation) over one to three spatial axes, with groups. Inputs: image, weights, optional bias; and what passes add: a residual,
/// and scale and shift of the image, which then counts as InputActivation(image * scale + shift), the product and sum rounded once. Scale and shift have the image's
/// shape with ones in place of its spatial axes, and of the batch where it makes no difference.
/// </summary>
internal sealed partial class ConvOp : Op<ConvAttributes, ConvSpec>, IAddsResidual, IHasPads
{
    public const int Image = 0, Weights = 1, Bias = 2, Residual = 3, Scale = 4, Shift = 5;

    public override string Name => "Conv";
    public override IReadOnlyList<int> Opsets { get; } = [1, 11, 22];
    public override (int Min, int Max) Inputs => (2, 3);

    public int ResidualInput => Residual;

    public override ConvSpec Specify(ConvAttributes attributes, Node node)
    {
        bool last = attributes.ChannelsLast;
        Value image = node.Input(Image), weights = node.Input(Weights);
        Value? bias = node.OptionalInput(Bias), residual = node.OptionalInput(Residual);
        Window[] windows = ImageView.Of(Window.Of(Window.Spatial(image.KnownShape.Dims, last), Window.Spatial(node.Output.KnownShape.Dims, last),
            attributes.KernelShape!, attributes.Strides!, attributes.Dilations!, attributes.Pads!));
        Shape filters = ImageView.Of(TensorView.Dense(weights.KnownShape), channelsLast: false).Shape;
        return new ConvSpec((int)attributes.Group, windows, ImageView.Of(image, last), [.. node.Outputs.Select(output => ImageView.Of(output, last))],
            residual is null ? null : ImageView.Of(residual, last), filters, last, attributes.Activation,
            bias is not null, weights.IsConstant && (bias is null || bias.IsConstant), Scaling(attributes, node));
    }

    private static InputScaling? Scaling(ConvAttributes attributes, Node node)
    {
        if (node.OptionalInput(Scale) is not Value scale)
            return null;
        Value? shift = node.OptionalInput(Shift);
        return new InputScaling(ImageView.Of(scale, attributes.ChannelsLast), shift is null ? null : ImageView.Of(shift, attributes.ChannelsLast), attributes.InputActivation);
    }

    public override void Infer(ConvAttributes attributes, Inference x)
    {
        Shape image = x.Shape(Image), weights = x.Shape(Weights);
        ImageView.CheckRank(x, image);
        x.RequireFloat32();
        if (weights.Rank != image.Rank)
            throw x.Error($"the weights {weights} have rank {weights.Rank}; the image {image} asks for {image.Rank}");

        bool last = attributes.ChannelsLast;
        long channels = image[last ? -1 : 1], filters = weights[0], group = attributes.Group;
        if (group is < 1 or > int.MaxValue)
            throw x.Error($"group is {group}; it must be 1 to {int.MaxValue}");
        if (channels != weights[1] * group)
            throw x.Error($"the image {image} has {channels} channels; weights {weights} in {group} groups ask for {weights[1] * group}");
        if (filters % group != 0)
            throw x.Error($"{filters} output channels cannot be cut into {group} groups");
        if (x.Has(Bias) && x.Shape(Bias) != new Shape(filters))
            throw x.Error($"the bias {x.Shape(Bias)} does not have one number for each of {filters} output channels");

        long[] kernel = weights.Dims[2..].ToArray();
        if (attributes.KernelShape is { } declared && !declared.AsSpan().SequenceEqual(kernel))
            throw x.Error($"kernel_shape {Shape.Format(declared)} is not that of the weights {weights}");
        Window[] windows = Window.Resolve(x, Window.Spatial(image.Dims, last), kernel, attributes.Strides, attributes.Dilations, attributes.Pads, attributes.AutoPad);
        Shape result = Window.OutputShape(image[0], filters, windows, last);
        if (x.Has(Residual) && x.Shape(Residual) != result)
            throw x.Error($"the residual {x.Shape(Residual)} does not have the output's shape {result}");
        foreach (int input in (ReadOnlySpan<int>)[Scale, Shift])
            if (x.Has(input) && !ScalesImage(x.Shape(input), image, last))
                throw x.Error($"{x.Shape(input)} does not scale the channels of the image {image}");
        x.Absorb(attributes with
        {
            KernelShape = kernel,
            Strides = Window.Strides(windows),
            Dilations = Window.Dilations(windows),
            Pads = Window.Pads(windows),
            AutoPad = AutoPad.NotSet,
        }, keep: x.InputCount);
        long[] parts = attributes.Parts ?? [filters];
        if (parts.Length != x.Node.Outputs.Count || parts.Sum() != filters || (parts.Length > 1 && x.Has(Residual)))
            throw x.Error($"{x.Node.Outputs.Count} outputs cannot share {filters} channels as {Shape.Format(parts)}{(x.Has(Residual) ? " with a residual" : "")}");
        for (int i = 0; i < parts.Length; i++)
            x.Output(i, ElementType.Float32, result.With(last ? result.Rank - 1 : 1, parts[i]));
    }

    /// <summary>Whether a scale of this shape has one number for each channel of the image, or for each of every image.</summary>
    public static bool ScalesImage(Shape scale, Shape image, bool channelsLast)
    {
        if (scale.Rank != image.Rank || (scale[0] != 1 && scale[0] != image[0]))
            return false;
        int channel = channelsLast ? image.Rank - 1 : 1;
        for (int axis = 1; axis < image.Rank; axis++)
            if (scale[axis] != (axis == channel ? image[axis] : 1))
                return false;
        return true;
    }

    /// <summary>Whether the node is a 1x1 convolution of constant weights, channels-last, without padding or groups.</summary>
    public static bool IsPlainPointwise(Node node) =>
        node is { Op: ConvOp, Attributes: ConvAttributes { ChannelsLast: true, Group: 1 } attributes }
        && Array.TrueForAll(attributes.KernelShape!, size => size == 1) && Array.TrueForAll(attributes.Pads!, pad => pad == 0)
        && node.Input(Weights).IsConstant && node.OptionalInput(Bias) is null or { IsConstant: true };

    public override Cost Cost(Node node)
    {
        Shape weights = node.Input(Weights).KnownShape;
        UInt128 macs = (UInt128)node.Outputs.Sum(output => output.KnownShape.Elements) * (UInt128)weights.Product(1, weights.Rank);
        return new Cost((long)UInt128.Min(macs, long.MaxValue), weights.Elements + (node.OptionalInput(Bias)?.KnownShape.Elements ?? 0));
    }

    public override object? ToChannelsLast(Node node)
    {
        var attributes = (ConvAttributes)node.Attributes;
        return attributes.ChannelsLast ? null : attributes with { ChannelsLast = true };
    }

    /// <summary>Images may be windows; weights that the network computes are read as dense.</summary>
    public override bool AcceptsViews(Node node) => node.Input(Weights).IsConstant;

    public Activation GetActivation(object attributes) => ((ConvAttributes)attributes).Activation;

    public object WithActivation(object attributes, Activation activation) => (ConvAttributes)attributes with { Activation = activation };

    public object? WithPadsAdded(Node node, ReadOnlySpan<long> pads, float value)
    {
        var attributes = (ConvAttributes)node.Attributes;
        return value == 0 && Window.Sum(attributes.Pads!, pads) is { } sum ? attributes with { Pads = sum } : null;
    }
}
