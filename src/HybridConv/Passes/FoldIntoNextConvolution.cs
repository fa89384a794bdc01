using HybridConv.Graphs;
using HybridConv.Ops.Conv;

namespace HybridConv.Passes;

/// <summary>
/// Moves a batch normalization, or a multiplication or addition of one constant per channel, into the weights and bias of the convolution that alone reads it.
/// What is added can go there only where the convolution does not pad: padding is zero after the addition.
/// </summary>
internal sealed class FoldIntoNextConvolution : IPass
{
    public string Name => "fold-into-next-convolution";
    public bool PreservesBits => false;

    public void Run(GraphEditor graph, PassReport report)
    {
        // The last of a chain first: then the one before it is next to the convolution.
        foreach (Node node in graph.NodesBackwards)
        {
            if (ChannelAffine.Of(node) is not { } affine || graph.SoleReader(node.Output) is not { Op: ConvOp } reader || reader.Input(ConvOp.Image) != node.Output)
                continue;
            if (Refusal(reader, affine) is string why)
                report.Decline(node, why);
            else
            {
                Fold(graph, reader, affine);
                graph.Remove(node);
                report.Change($"{node} is in the weights of {reader}");
            }
        }
    }

    private static string? Refusal(Node reader, ChannelAffine affine)
    {
        var attributes = (ConvAttributes)reader.Attributes;
        if (affine.Shift is not null && attributes.Pads!.Any(pad => pad != 0))
            return $"{reader} pads with zeros after the addition";
        if (!reader.Input(ConvOp.Weights).IsConstant || reader.OptionalInput(ConvOp.Bias) is { IsConstant: false })
            return $"the weights of {reader} are not constant";
        return affine.Refusal();
    }

    private static void Fold(GraphEditor graph, Node reader, ChannelAffine affine)
    {
        Value weights = reader.Input(ConvOp.Weights);
        Value? bias = reader.OptionalInput(ConvOp.Bias);
        long groups = ((ConvAttributes)reader.Attributes).Group;
        graph.SetInput(reader, ConvOp.Image, affine.Input);
        if (affine.Scale is Tensor scale)
            graph.SetInput(reader, ConvOp.Weights, graph.NewConstant($"{weights.Name}/scaled", Scaled(weights.Constant!, scale, groups)));
        if (affine.Shift is Tensor shift)
            graph.SetInput(reader, ConvOp.Bias, graph.NewConstant($"{bias?.Name ?? reader.Output.Name + "/bias"}/moved", Moved(bias?.Constant, weights.Constant!, shift, groups)));
    }

    /// <summary>The weights with those of every input channel multiplied by its own number, in double, rounded once.</summary>
    private static Tensor Scaled(Tensor weights, Tensor scale, long groups) =>
        Tensor.Derived(weights.Shape, $"{weights.Origin}|inputs scaled by {scale.Origin}", () =>
        {
            float[] elements = weights.ToArray<float>();
            double[] factors = scale.ToArray<double>();
            var filters = new Filters(weights.Shape, groups);
            for (int k = 0, i = 0; k < filters.Count; k++)
                for (int c = 0; c < filters.Channels; c++)
                    for (int tap = 0; tap < filters.Taps; tap++, i++)
                        elements[i] = (float)(elements[i] * factors[filters.InputChannel(k, c)]);
            return elements;
        });

    /// <summary>The bias plus what every filter makes of the numbers that are added to its input.</summary>
    private static Tensor Moved(Tensor? bias, Tensor weights, Tensor shift, long groups)
    {
        string origin = $"{bias?.Origin ?? "zero"}|plus {shift.Origin} through {weights.Origin}";
        return Tensor.Derived(new Shape(weights.Shape[0]), origin, () =>
        {
            float[] elements = weights.ToArray<float>();
            float[]? before = bias?.ToArray<float>();
            double[] numbers = shift.ToArray<double>();
            var filters = new Filters(weights.Shape, groups);
            var after = new float[filters.Count];
            for (int k = 0, i = 0; k < after.Length; k++)
            {
                double sum = before?[k] ?? 0;
                for (int c = 0; c < filters.Channels; c++)
                    for (int tap = 0; tap < filters.Taps; tap++, i++)
                        sum += elements[i] * numbers[filters.InputChannel(k, c)];
                after[k] = (float)sum;
            }
            return after;
        });
    }

    /// <summary>Filters of the order K, C/G, then taps.</summary>
    private readonly struct Filters(Shape weights, long groups)
    {
        public int Count { get; } = weights.Dim(0);
        public int Channels { get; } = weights.Dim(1);
        public int Taps { get; } = (int)weights.Product(2, weights.Rank);

        /// <summary>The input channel that is channel <paramref name="c"/> of its group for filter <paramref name="k"/>.</summary>
        public int InputChannel(int k, int c) => (int)(k / (Count / groups)) * Channels + c;
    }
}
