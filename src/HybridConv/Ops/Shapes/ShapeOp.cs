using HybridConv.Graphs;

namespace HybridConv.Ops.Shapes;

/// <summary>The sizes of the input's axes, or of a range of them. Known as soon as shapes are inferred.</summary>
internal sealed class ShapeOp : Op<ShapeAttributes, ShapeAttributes>
{
    public override string Name => "Shape";
    public override IReadOnlyList<int> Opsets { get; } = [1, 13, 15, 19, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        var attributes = node.Opset < 15 ? new ShapeAttributes(0, null)
            : new ShapeAttributes(node.Int("start", 0), node.Has("end") ? node.Int("end", 0) : null);
        node.RequireAllAsked();
        return attributes;
    }

    public override void Infer(ShapeAttributes attributes, Inference x)
    {
        Shape input = x.Shape(0);
        int start = Clamp(attributes.Start, input.Rank), end = Clamp(attributes.End ?? input.Rank, input.Rank);
        long[] sizes = start < end ? input.Dims[start..end].ToArray() : [];
        x.Node.Attributes = attributes with { Sizes = sizes };
        x.Known(0, Tensor.From(sizes, new Shape(sizes.Length), $"sizes {Shape.Format(sizes)}"));
    }

    public override ShapeAttributes Specify(ShapeAttributes attributes, Node node) => attributes;

    public override void Reference<T>(ShapeAttributes spec, in Operands x) => spec.Sizes.CopyTo(x.Output<long>(0));

    public override bool ReadsElements => false;

    public override bool AcceptsViews(Node node) => true;

    private static int Clamp(long axis, int rank) => (int)Math.Clamp(axis < 0 ? axis + rank : axis, 0, rank);
}

/// <param name="Start">The first axis; may count from the end; clamped to the rank.</param>
/// <param name="End">After the last axis; null for all.</param>
/// <param name="Sizes">The result; null until inference.</param>
internal sealed record ShapeAttributes(long Start, long? End, long[]? Sizes = null);
