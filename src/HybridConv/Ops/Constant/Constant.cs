using System.Runtime.InteropServices;
using HybridConv.Graphs;

namespace HybridConv.Ops.Constant;

/// <summary>Data written in the graph. Its output is known as soon as types are inferred.</summary>
internal sealed class ConstantOp : Op<ConstantAttributes, ConstantAttributes>
{
    public override string Name => "Constant";
    public override IReadOnlyList<int> Opsets { get; } = [1, 9, 11, 12, 13, 19, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (0, 0);

    public override object Read(NodeReader node)
    {
        foreach (string refused in (ReadOnlySpan<string>)["sparse_value", "value_string", "value_strings"])
            if (node.Has(refused))
                throw node.Unsupported($"'{refused}' is not supported");
        string origin = $"constant '{node.Name}'";
        Tensor? value = node.Tensor("value");
        if (value is null && node.Has("value_float"))
            value = Tensor.From([node.Float("value_float", 0)], Shape.Scalar, origin);
        if (value is null && node.Has("value_int"))
            value = Tensor.From([node.Int("value_int", 0)], Shape.Scalar, origin);
        if (value is null && node.Floats("value_floats") is { } floats)
            value = Tensor.From(floats, new Shape(floats.Length), origin);
        if (value is null && node.Ints("value_ints") is { } integers)
            value = Tensor.From(integers, new Shape(integers.Length), origin);
        if (value is null)
            throw node.Unsupported("it has no value");
        if (value.Type == ElementType.String)
            throw node.Unsupported("text is not supported");
        node.RequireAllAsked();
        return new ConstantAttributes(value);
    }

    public override void Infer(ConstantAttributes attributes, Inference x) => x.Known(0, attributes.Value);

    public override ConstantAttributes Specify(ConstantAttributes attributes, Node node) => attributes;

    public override void Reference<T>(ConstantAttributes spec, in Operands x)
    {
        ReadOnlySpan<byte> data = spec.Value.Data.Span;
        if (spec.Value.Type != ElementType.Float32)
        {
            data.CopyTo(x.Output<byte>(0));
            return;
        }
        ReadOnlySpan<float> floats = MemoryMarshal.Cast<byte, float>(data);
        Span<T> y = x.Output<T>(0);
        for (int i = 0; i < floats.Length; i++)
            y[i] = T.CreateTruncating(floats[i]);
    }
}

/// <param name="Value">The data.</param>
internal sealed record ConstantAttributes(Tensor Value);
