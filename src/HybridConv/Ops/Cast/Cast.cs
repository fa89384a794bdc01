using HybridConv.Graphs;

namespace HybridConv.Ops.Cast;

/// <summary>
/// Changes the element type. Numbers round to nearest even when they become narrower floats; floats lose their fraction when they become integers,
/// saturate, and NaN becomes 0; integers keep their low bits; anything but zero is true.
/// </summary>
internal partial class CastOp : Op<CastAttributes, CastSpec>
{
    public override string Name => "Cast";
    public override IReadOnlyList<int> Opsets { get; } = [6, 9, 13, 19, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        node.Ignore("saturate", "round_mode");
        long to = node.Int("to", 0);
        node.RequireAllAsked();
        var type = (ElementType)(to is > 0 and <= int.MaxValue ? to : 0);
        if (type.Size() == 0)
            throw node.Unsupported($"a cast to element type {to} is not supported");
        return new CastAttributes(type);
    }

    public override void Infer(CastAttributes attributes, Inference x)
    {
        if (x.Type(0).Size() == 0)
            throw x.Unsupported($"a cast from {x.Type(0).Label()} is not supported");
        x.Output(0, attributes.To, x.Shape(0));
    }

    public override CastSpec Specify(CastAttributes attributes, Node node) => new(node.Input(0).Type, attributes.To, node.Output.KnownShape.Elements);

    public override object Permute(Node node, IReadOnlyList<int> permutation) => node.Attributes;

    /// <summary>A cast to the type that the input has does nothing.</summary>
    public override bool IsAlias(Node node) => node.Input(0).Type == node.Output.Type;
}

/// <param name="To">The type of the result; none while that is still input 1's.</param>
internal sealed record CastAttributes(ElementType To);

/// <summary>A dense conversion of Count elements.</summary>
internal sealed record CastSpec(ElementType From, ElementType To, long Count);
