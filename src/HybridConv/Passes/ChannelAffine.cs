using HybridConv.Graphs;
using HybridConv.Ops.BatchNormalization;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Passes;

/// <summary>What a node computes of one operand when that is scale * x + shift, with one constant scale and shift per channel.</summary>
/// <param name="Input">The operand x.</param>
/// <param name="Scale">Float64, one element per channel; null for ones.</param>
/// <param name="Shift">Float64, one element per channel; null for zeros.</param>
internal sealed record ChannelAffine(Value Input, Tensor? Scale, Tensor? Shift)
{
    /// <summary>Null when the node is no such thing. Channels are axis 1.</summary>
    public static ChannelAffine? Of(Node node)
    {
        if (node.Output.Type != ElementType.Float32 || node.Output.KnownShape.Rank < 2)
            return null;
        return node switch
        {
            { Attributes: BatchNormalizationAttributes { PerElement: false, ChannelsLast: false, Activation.IsNone: true } attributes } => OfNormalization(node, attributes.Epsilon),
            { Inputs.Count: 2, Op: BinaryOp<Mul> or BinaryOp<Add> or BinaryOp<Sub> or BinaryOp<Div> or VariadicOp<Sum> } => OfArithmetic(node),
            _ => null,
        };
    }

    /// <summary>A batch normalization, but for its activation: scale / sqrt(variance + epsilon), and bias - mean times that. Null when its parameters are open or it has further outputs.</summary>
    public static ChannelAffine? OfNormalization(Node node, float epsilon)
    {
        if (node.Outputs.Count > 1 || node.Inputs.Skip(1).Any(input => input is not { IsConstant: true }))
            return null;
        (Tensor gamma, Tensor beta, Tensor mean, Tensor variance) = (node.Input(1).Constant!, node.Input(2).Constant!, node.Input(3).Constant!, node.Input(4).Constant!);
        string deviation = FormattableString.Invariant($"{variance.Origin}|deviation with {epsilon:R}");
        Tensor scale = Combined([gamma, variance], $"{gamma.Origin}|over {deviation}", (g, v, _, _) => BatchNormalizationOp.Fold(g, 0, 0, v, epsilon).Factor);
        Tensor shift = Combined(
            [gamma, variance, beta, mean], $"{beta.Origin}|minus {mean.Origin} times {scale.Origin}", (g, v, b, m) => BatchNormalizationOp.Fold(g, b, m, v, epsilon).Shift);
        return new ChannelAffine(node.Input(0), scale, shift);
    }

    private static ChannelAffine? OfArithmetic(Node node)
    {
        int constant = node.Input(1).IsConstant ? 1 : 0;
        Value x = node.Input(1 - constant);
        Shape shape = node.Output.KnownShape;
        if (x.IsConstant || x.KnownShape != shape || PerChannel(node.Input(constant), shape) is not Tensor numbers)
            return null;
        return node.Op switch
        {
            BinaryOp<Mul> => new ChannelAffine(x, numbers, null),
            BinaryOp<Div> when constant == 1 => new ChannelAffine(x, Map(numbers, "inverted", number => 1 / number), null),
            BinaryOp<Add> or VariadicOp<Sum> => new ChannelAffine(x, null, numbers),
            BinaryOp<Sub> when constant == 1 => new ChannelAffine(x, null, Map(numbers, "negated", number => -number)),
            BinaryOp<Sub> => new ChannelAffine(x, Map(numbers, "replaced by -1", _ => -1), numbers),
            _ => null,
        };
    }

    /// <summary>Why the numbers cannot go into weights; null when they can.</summary>
    public string? Refusal()
    {
        foreach (Tensor? numbers in (ReadOnlySpan<Tensor?>)[Scale, Shift])
            if (numbers?.ToArray<double>() is double[] all && Array.FindIndex(all, number => !float.IsFinite((float)number)) is >= 0 and int channel)
                return FormattableString.Invariant($"the number of channel {channel} is {all[channel]}");
        return null;
    }

    /// <summary>A bias b, null for zeros, as it is after the node: scale * b + shift, rounded once.</summary>
    public Tensor? Moved(Tensor? bias, long channels)
    {
        if (bias is null && Shift is null)
            return null;
        string origin = (bias?.Origin ?? "zero") + (Scale is null ? "" : $"|scaled by {Scale.Origin}") + (Shift is null ? "" : $"|shifted by {Shift.Origin}");
        return Tensor.Derived(new Shape(channels), origin, () =>
        {
            double[]? scale = Scale?.ToArray<double>(), shift = Shift?.ToArray<double>();
            float[]? before = bias?.ToArray<float>();
            var after = new float[channels];
            for (int k = 0; k < after.Length; k++)
                after[k] = (float)((before?[k] ?? 0) * (scale?[k] ?? 1) + (shift?[k] ?? 0));
            return after;
        });
    }

    /// <summary>The same after another: both as one.</summary>
    public ChannelAffine After(ChannelAffine first) => new(first.Input, Times(first.Scale, Scale), Plus(Times(first.Shift, Scale, zero: true), Shift));

    /// <summary>Scale and shift in float32, with nothing left out.</summary>
    public (Tensor Scale, Tensor Shift) InFloat(long channels) => (Floats(Scale, 1, channels), Floats(Shift, 0, channels));

    /// <param name="a">Null for ones, or for zeros when <paramref name="zero"/> is set.</param>
    /// <param name="b">Null for ones.</param>
    /// <param name="zero">What <paramref name="a"/> means when it is null.</param>
    private static Tensor? Times(Tensor? a, Tensor? b, bool zero = false) =>
        a is null ? (zero ? null : b) : b is null ? a : Pairs(a, b, "times", (x, y) => x * y);

    private static Tensor? Plus(Tensor? a, Tensor? b) => a is null ? b : b is null ? a : Pairs(a, b, "plus", (x, y) => x + y);

    private static Tensor Pairs(Tensor a, Tensor b, string name, Func<double, double, double> function) => Tensor.Derived(
        a.Shape, $"({a.Origin}) {name} ({b.Origin})",
        () => a.ToArray<double>().Zip(b.ToArray<double>(), function).ToArray());

    private static Tensor Floats(Tensor? numbers, float otherwise, long channels) => Tensor.Derived(
        new Shape(channels), $"{numbers?.Origin ?? (otherwise == 0 ? "zero" : "one")}|float32 for {channels} channels", () =>
        {
            float[] all = numbers is null ? new float[channels] : Array.ConvertAll(numbers.ToArray<double>(), number => (float)number);
            if (numbers is null)
                Array.Fill(all, otherwise);
            return all;
        });

    /// <summary>A constant that is broadcast over everything but channels, as one float64 per channel; null for others.</summary>
    /// <param name="value">The constant.</param>
    /// <param name="shape">What it is broadcast to, with channels at axis 1.</param>
    private static Tensor? PerChannel(Value value, Shape shape)
    {
        if (value.Constant is not { Type: ElementType.Float32 } tensor || tensor.Shape.Rank > shape.Rank)
            return null;
        long channels = shape[1];
        int axis = 1 - (shape.Rank - tensor.Shape.Rank);
        for (int i = 0; i < tensor.Shape.Rank; i++)
            if (tensor.Shape[i] != 1 && i != axis)
                return null;
        return Tensor.Derived(new Shape(channels), $"{tensor.Origin}|for {channels} channels", () =>
        {
            float[] numbers = tensor.ToArray<float>();
            var all = new double[channels];
            for (int k = 0; k < all.Length; k++)
                all[k] = numbers[numbers.Length == 1 ? 0 : k];
            return all;
        });
    }

    private static Tensor Map(Tensor numbers, string name, Converter<double, double> function) =>
        Tensor.Derived(numbers.Shape, $"{numbers.Origin}|{name}", () => Array.ConvertAll(numbers.ToArray<double>(), function));

    /// <summary>A function of two or four float vectors, element by element.</summary>
    private static Tensor Combined(Tensor[] vectors, string origin, Func<double, double, double, double, double> function) =>
        Tensor.Derived(vectors[0].Shape, origin, () =>
        {
            float[][] data = Array.ConvertAll(vectors, vector => vector.ToArray<float>());
            var result = new double[data[0].Length];
            for (int k = 0; k < result.Length; k++)
                result[k] = function(data[0][k], data[1][k], data.Length > 2 ? data[2][k] : 0, data.Length > 2 ? data[3][k] : 0);
            return result;
        });
}
