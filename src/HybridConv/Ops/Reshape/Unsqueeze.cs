using HybridConv.Graphs;

namespace HybridConv.Ops.Reshape;

/// <summary>Inserts axes of size 1; the given positions are those in the output.</summary>
internal sealed partial class UnsqueezeOp : RelabelingOp<UnsqueezeAttributes>
{
    public override string Name => "Unsqueeze";
    public override IReadOnlyList<int> Opsets { get; } = [1, 11, 13, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (1, 2);

    public override object Read(NodeReader node)
    {
        long[]? axes = node.Opset < 13 ? node.Ints("axes") : null;
        node.RequireAllAsked();
        if (axes is null && node.InputCount < 2)
            throw node.Unsupported("it names no axes to insert");
        return new UnsqueezeAttributes(axes);
    }

    public override void Infer(UnsqueezeAttributes attributes, Inference x)
    {
        if (attributes.Axes is null)
            x.Absorb(attributes = new UnsqueezeAttributes(x.Integers(1)), keep: 1);
        Shape input = x.Shape(0);
        int rank = input.Rank + attributes.Axes!.Length;
        if (rank > Shape.MaxRank)
            throw x.Error($"{rank} axes are more than {Shape.MaxRank}");
        int[] axes = x.Distinct(attributes.Axes, rank);
        var dims = new long[rank];
        for (int axis = 0, from = 0; axis < rank; axis++)
            dims[axis] = axes.Contains(axis) ? 1 : input[from++];
        x.Output(0, x.Type(0), new Shape(dims));
    }
}

/// <param name="Axes">The output axes to insert; null while they are still input 1.</param>
internal sealed record UnsqueezeAttributes(long[]? Axes);
