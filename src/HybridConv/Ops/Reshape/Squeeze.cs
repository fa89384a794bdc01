using HybridConv.Graphs;

namespace HybridConv.Ops.Reshape;

/// <summary>Removes axes of size 1: the named ones, or all.</summary>
internal sealed partial class SqueezeOp : RelabelingOp<SqueezeAttributes>
{
    public override string Name => "Squeeze";
    public override IReadOnlyList<int> Opsets { get; } = [1, 11, 13, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (1, 2);

    public override object Read(NodeReader node)
    {
        long[]? axes = node.Opset < 13 ? node.Ints("axes") : null;
        node.RequireAllAsked();
        return new SqueezeAttributes(axes);
    }

    public override void Infer(SqueezeAttributes attributes, Inference x)
    {
        if (x.Has(1))
            x.Absorb(attributes = new SqueezeAttributes(x.Integers(1)), keep: 1);
        Shape input = x.Shape(0);
        int[]? axes = attributes.Axes is { } named ? x.Distinct(named, input.Rank) : null;
        var dims = new List<long>();
        for (int axis = 0; axis < input.Rank; axis++)
        {
            bool drop = axes?.Contains(axis) ?? input[axis] == 1;
            if (!drop)
                dims.Add(input[axis]);
            else if (input[axis] != 1)
                throw x.Error($"axis {axis} of {input} is {input[axis]}; only axes of size 1 can be removed");
        }
        x.Output(0, x.Type(0), new Shape([.. dims]));
    }
}

/// <param name="Axes">The axes to remove; null for every axis of size 1.</param>
internal sealed record SqueezeAttributes(long[]? Axes);
