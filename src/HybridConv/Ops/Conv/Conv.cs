using HybridConv.Graphs;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Conv;

/// <summary>
/// Convolution (ONNX's: cross-correlation) over one to three spatial axes, with groups. Inputs: image, weights, optional bias, optional residual.
/// </summary>
internal sealed partial class ConvOp : Op<ConvAttributes, ConvSpec>, IAddsResidual, IHasPads
{
    public const int Image = 0, Weights = 1, Bias = 2, Residual = 3;

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
        return new ConvSpec((int)attributes.Group, windows, ImageView.Of(image, last), ImageView.Of(node.Output, last),
            residual is null ? null : ImageView.Of(residual, last), filters, last, attributes.Activation,
            bias is not null, weights.IsConstant && (bias is null || bias.IsConstant));
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
        x.Absorb(attributes with
        {
            KernelShape = kernel,
            Strides = Window.Strides(windows),
            Dilations = Window.Dilations(windows),
            Pads = Window.Pads(windows),
            AutoPad = AutoPad.NotSet,
        }, keep: x.InputCount);
        x.Output(0, ElementType.Float32, result);
    }

    public override Cost Cost(Node node)
    {
        Shape weights = node.Input(Weights).KnownShape;
        UInt128 macs = (UInt128)node.Output.KnownShape.Elements * (UInt128)weights.Product(1, weights.Rank);
        return new Cost((long)UInt128.Min(macs, long.MaxValue), weights.Elements + (node.OptionalInput(Bias)?.KnownShape.Elements ?? 0));
    }

    public override object? ToChannelsLast(Node node)
    {
        var attributes = (ConvAttributes)node.Attributes;
        return attributes.ChannelsLast ? null : attributes with { ChannelsLast = true };
    }

    public override bool AcceptsViews(Node node) => true;

    public Activation GetActivation(object attributes) => ((ConvAttributes)attributes).Activation;

    public object WithActivation(object attributes, Activation activation) => (ConvAttributes)attributes with { Activation = activation };

    public object? WithPadsAdded(Node node, ReadOnlySpan<long> pads, float value)
    {
        var attributes = (ConvAttributes)node.Attributes;
        return value == 0 && Window.Sum(attributes.Pads!, pads) is { } sum ? attributes with { Pads = sum } : null;
    }
}
