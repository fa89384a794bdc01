using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Ops.BatchNormalization;

/// <summary>A batch normalization with fixed statistics.</summary>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="PerElement">Whether every element of an image has its own statistics (before opset 9, <c>spatial = 0</c>) rather than every channel.</param>
/// <param name="ChannelsLast">Whether the channels are the last axis rather than axis 1.</param>
/// <param name="Activation">Applied last.</param>
internal sealed record BatchNormalizationAttributes(float Epsilon, bool PerElement, bool ChannelsLast = false, Activation Activation = default);

/// <summary>A batch normalization with concrete shapes.</summary>
/// <param name="Epsilon">Added to the variance.</param>
/// <param name="Loops">Over the output, the input, and twice the parameters (for packed scales and shifts).</param>
/// <param name="Parameters">Scales, and of each other parameter as many.</param>
/// <param name="AreConstant">Whether all parameters are constants.</param>
/// <param name="Activation">Applied last.</param>
/// <param name="Outputs">The first, and further ones that repeat mean and variance in turn.</param>
internal sealed record BatchNormalizationSpec(float Epsilon, LoopNest Loops, long Parameters, bool AreConstant, Activation Activation, int Outputs);

/// <summary>
/// y = x * scale' + shift', the product and sum rounded once, with scale' = scale / sqrt(variance + epsilon) and shift' = bias - mean * scale', both computed in double and each
/// rounded once; then the activation. Inputs: x, scale, bias, mean, variance. The further outputs of older opsets repeat mean and variance, as they do outside training.
/// </summary>
internal sealed partial class BatchNormalizationOp : Op<BatchNormalizationAttributes, BatchNormalizationSpec>, IFusesActivation
{
    private static readonly string[] ParameterNames = ["scale", "bias", "mean", "variance"];

    public override string Name => "BatchNormalization";
    public override IReadOnlyList<int> Opsets { get; } = [1, 6, 7, 9, 14, 15];
    public override (int Min, int Max) Inputs => (5, 5);
    public override int MaxOutputs => 5;
    public override int OutputsOptionalSince => 7;

    public override void Infer(BatchNormalizationAttributes attributes, Inference x)
    {
        Shape shape = x.Shape(0);
        if (shape.Rank == 0)
            throw x.Error("a scalar has no channels");
        x.RequireFloat32();
        Shape wanted = ParameterShape(attributes, shape);
        for (int i = 1; i < 5; i++)
            if (x.Shape(i) != wanted)
                throw x.Error($"the {ParameterNames[i - 1]} has the shape {x.Shape(i)}; for an input of {shape} it must be {wanted}");
        x.Output(0, ElementType.Float32, shape);
        for (int i = 1; i < x.Node.Outputs.Count; i++)
            x.Output(i, ElementType.Float32, wanted);
    }

    public override BatchNormalizationSpec Specify(BatchNormalizationAttributes attributes, Node node)
    {
        Shape shape = node.Output.KnownShape;
        var parameter = new long[shape.Rank];
        if (attributes.PerElement)
            shape.With(0, 1).DenseStrides().AsSpan(1).CopyTo(parameter.AsSpan(1));
        else if (ChannelAxis(attributes, shape) is int channel)
            parameter[channel] = 1;
        long[] x = node.Input(0).KnownView.Strides, y = node.Output.KnownView.Strides;
        bool constant = node.Outputs.Count == 1;
        for (int i = 1; i < 5; i++)
            constant &= node.Input(i).IsConstant;
        return new BatchNormalizationSpec(attributes.Epsilon, LoopNest.Over(shape, y, x, parameter, parameter), node.Input(1).KnownShape.Elements, constant, attributes.Activation, node.Outputs.Count);
    }

    public override Cost Cost(Node node) => new(node.Output.KnownShape.Elements, 2 * node.Input(1).KnownShape.Elements);

    public override object? ToChannelsLast(Node node) =>
        node.Attributes is BatchNormalizationAttributes { ChannelsLast: false, PerElement: false } attributes && node.Output.KnownShape.Rank > 2
        ? attributes with { ChannelsLast = true }
        : null;

    public override bool AcceptsViews(Node node) => node.Outputs.Count == 1;

    public override bool InPlace(Node node, int input) => input == 0;

    public Activation GetActivation(object attributes) => ((BatchNormalizationAttributes)attributes).Activation;

    public object WithActivation(object attributes, Activation activation) => (BatchNormalizationAttributes)attributes with { Activation = activation };

    /// <summary>The axis of the channels; null when there is only one channel, in a vector.</summary>
    private static int? ChannelAxis(BatchNormalizationAttributes attributes, Shape shape) => shape.Rank == 1 ? null : attributes.ChannelsLast ? shape.Rank - 1 : 1;

    private static Shape ParameterShape(BatchNormalizationAttributes attributes, Shape shape) =>
        attributes.PerElement ? new Shape(shape.Dims[1..]) : new Shape(ChannelAxis(attributes, shape) is int channel ? shape[channel] : 1);
}
