using HybridConv.Graphs;

namespace HybridConv.Ops.Reshape;

/// <summary>Makes a matrix: axes before the given one become the rows, the others the columns.</summary>
internal sealed partial class FlattenOp : RelabelingOp<FlattenAttributes>
{
    public override string Name => "Flatten";
    public override IReadOnlyList<int> Opsets { get; } = [1, 9, 11, 13, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        var attributes = new FlattenAttributes(node.Int("axis", 1));
        node.RequireAllAsked();
        return attributes;
    }

    public override void Infer(FlattenAttributes attributes, Inference x)
    {
        Shape input = x.Shape(0);
        int axis = attributes.Axis == input.Rank ? input.Rank : x.Axis(attributes.Axis, input.Rank);
        x.Output(0, x.Type(0), new Shape(input.Product(0, axis), input.Product(axis, input.Rank)));
    }
}

/// <param name="Axis">The first axis of the columns; may count from the end.</param>
internal sealed record FlattenAttributes(long Axis);
