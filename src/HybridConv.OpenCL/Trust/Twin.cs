using HybridConv.Graphs;

namespace HybridConv.OpenCL.Trust;

/// <summary>
/// A node that asks the same of a kernel as another one, on made-up numbers: the same operator, attributes, shapes and strides, but float32 constants and inputs
/// evenly distributed from -1 to 1. A network's own numbers may be of a kind that hides a mistake.
/// </summary>
internal static class Twin
{
    private const ulong Seed = 4;

    /// <summary>What is left of a view's offset: which of its bytes vectors would be aligned to.</summary>
    private const int OffsetModulus = 16;

    public static Node Of(Node node)
    {
        var twins = new Dictionary<Value, Value>();
        Value TwinOf(Value value)
        {
            if (!twins.TryGetValue(value, out Value? twin))
                twins[value] = twin = Copy(value, $"operand {twins.Count}");
            return twin;
        }
        Value?[] inputs = [.. node.Inputs.Select(input => input is null ? null : TwinOf(input))];
        return new Node(node.Name, node.Op, node.Attributes, inputs, [.. node.Outputs.Select(TwinOf)]);
    }

    /// <summary>The bytes of a twin's input, dense.</summary>
    public static ReadOnlyMemory<byte> Data(Node twin, Value input) => input switch
    {
        { Constant: { } constant } => constant.Data,
        { Type: ElementType.Float32 } => Numbers(input.KnownShape, input.Name).Data,
        _ => Integers(twin, input),
    };

    private static Value Copy(Value value, string name) => new(name)
    {
        Type = value.Type,
        Shape = value.Shape,
        View = value.View is { } view ? view with { Offset = view.Offset % OffsetModulus } : null,
        Constant = value is { Constant: not null, Type: ElementType.Float32 } ? Numbers(value.KnownShape, name) : value.Constant,
    };

    private static Tensor Numbers(Shape shape, string name) => SeededWeights.Uniform(shape, name, Seed, centre: 0, spread: 1);

    /// <summary>Zeros and ones in turn, where every axis of every operand is long enough for an index of 1; else zeros.</summary>
    private static byte[] Integers(Node twin, Value input)
    {
        var bytes = new byte[input.KnownShape.Elements * input.Type.Size()];
        if (twin.Inputs.Exists(operand => operand is not null && operand.KnownShape.Dims.Contains(1)))
            return bytes;
        // Little-endian: the first byte of an integer is its lowest.
        for (long i = 1; i < input.KnownShape.Elements; i += 2)
            bytes[i * input.Type.Size()] = 1;
        return bytes;
    }
}
