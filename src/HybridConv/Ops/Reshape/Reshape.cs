using HybridConv.Graphs;

namespace HybridConv.Ops.Reshape;

/// <summary>Gives the elements of input 0 a new shape.</summary>
internal sealed partial class ReshapeOp : RelabelingOp<ReshapeAttributes>
{
    public override string Name => "Reshape";
    public override IReadOnlyList<int> Opsets { get; } = [1, 5, 13, 14, 19, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (1, 2);

    public override object Read(NodeReader node)
    {
        node.Ignore("consumed_inputs");
        long[]? shape = node.Opset < 5 ? node.Ints("shape") : null;
        bool allowZero = node.Opset >= 14 && node.Int("allowzero", 0) != 0;
        node.RequireAllAsked();
        if (shape is null && node.InputCount < 2)
            throw node.Unsupported("it says no shape to reshape to");
        return new ReshapeAttributes(shape, allowZero);
    }

    public override void Infer(ReshapeAttributes attributes, Inference x)
    {
        if (attributes.Shape is null)
            x.Absorb(attributes = attributes with { Shape = x.Integers(1) }, keep: 1);
        x.Output(0, x.Type(0), Resolve(attributes, x));
    }

    private static Shape Resolve(ReshapeAttributes attributes, Inference x)
    {
        long[] asked = attributes.Shape!, dims = [.. asked];
        Shape input = x.Shape(0);
        if (dims.Length > Shape.MaxRank)
            throw x.Error($"{dims.Length} axes are more than {Shape.MaxRank}");
        int open = -1;
        for (int i = 0; i < dims.Length; i++)
        {
            if (dims[i] < -1)
                throw x.Error($"the shape {Shape.Format(asked)} has an axis of {dims[i]}");
            if (dims[i] == 0 && !attributes.AllowZero)
                dims[i] = i < input.Rank ? input[i] : throw x.Error($"the shape {Shape.Format(asked)} copies axis {i} of an input of rank {input.Rank}");
            else if (dims[i] == -1)
                open = open < 0 ? i : throw x.Error($"the shape {Shape.Format(asked)} has more than one -1");
        }
        if (open >= 0)
        {
            if (attributes.AllowZero && asked.AsSpan().Contains(0))
                throw x.Error($"the shape {Shape.Format(asked)} has both a 0 and a -1 while allowzero is set");
            dims[open] = 1;
            long known = new Shape(dims).Elements;
            dims[open] = known == 0 ? 0 : input.Elements / known;
        }
        var shape = new Shape(dims);
        if (shape.Elements != input.Elements)
            throw x.Error($"{input} has {input.Elements} elements and cannot take the shape {Shape.Format(asked)}");
        return shape;
    }
}

/// <param name="Shape">The new sizes: 0 copies the input's (unless <paramref name="AllowZero"/>), -1 is computed; null while it is still input 1.</param>
/// <param name="AllowZero">Whether a 0 in the shape means an empty axis.</param>
internal sealed record ReshapeAttributes(long[]? Shape, bool AllowZero = false)
{
    /// <summary>Exactly that shape.</summary>
    public static ReshapeAttributes To(Shape shape) => new(shape.Dims.ToArray(), AllowZero: true);
}
