using HybridConv.Graphs;

namespace HybridConv.Ops.Constant;

/// <summary>A tensor of a given shape, one value everywhere.</summary>
internal sealed partial class ConstantOfShapeOp : Op<ConstantOfShapeAttributes, Movement>
{
    public override string Name => "ConstantOfShape";
    public override IReadOnlyList<int> Opsets { get; } = [9, 20, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        Tensor? value = node.Tensor("value");
        node.RequireAllAsked();
        if (value is null)
            return new ConstantOfShapeAttributes(ElementType.Float32, 0, null);
        if (value.Shape.Elements != 1)
            throw node.Unsupported($"the value has {value.Shape.Elements} elements instead of one");
        if (value.Type.Size() == 0)
            throw node.Unsupported($"a value of {value.Type.Label()} is not supported");
        return new ConstantOfShapeAttributes(value.Type, Elements.Bits(value), null);
    }

    public override void Infer(ConstantOfShapeAttributes attributes, Inference x)
    {
        if (attributes.Shape is null)
            x.Absorb(attributes = attributes with { Shape = x.Integers(0) }, keep: 0);
        x.Output(0, attributes.Type, new Shape(attributes.Shape));
    }

    public override Movement Specify(ConstantOfShapeAttributes attributes, Node node) =>
        new(attributes.Type, [Move.FillOf(0, TensorView.Dense(new Shape(node.Output.KnownShape.Elements)))], attributes.ValueBits);

    public override void Reference<T>(Movement spec, in Operands x) => spec.Reference<T>(x);
}

/// <param name="Type">The element type.</param>
/// <param name="ValueBits">The little-endian bits of one element.</param>
/// <param name="Shape">The shape; null while it is still input 0.</param>
internal sealed record ConstantOfShapeAttributes(ElementType Type, ulong ValueBits, long[]? Shape);
