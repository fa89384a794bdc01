using HybridConv.Graphs;

namespace HybridConv.Ops.Shapes;

/// <param name="Elements">The result; null until inference.</param>
internal sealed record SizeAttributes(long? Elements = null);

/// <summary>The number of elements of the input. Known as soon as shapes are inferred.</summary>
internal sealed class SizeOp : Op<SizeAttributes, SizeAttributes>
{
    public override string Name => "Size";
    public override IReadOnlyList<int> Opsets { get; } = [1, 13, 19, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        node.RequireAllAsked();
        return new SizeAttributes();
    }

    public override void Infer(SizeAttributes attributes, Inference x)
    {
        long elements = x.Shape(0).Elements;
        x.Node.Attributes = new SizeAttributes(elements);
        x.Known(0, Tensor.From([elements], Shape.Scalar, $"size {elements}"));
    }

    public override SizeAttributes Specify(SizeAttributes attributes, Node node) => attributes;

    public override void Reference<T>(SizeAttributes spec, in Operands x) => x.Output<long>(0)[0] = spec.Elements!.Value;

    public override bool ReadsElements => false;

    public override bool AcceptsViews(Node node) => true;
}
