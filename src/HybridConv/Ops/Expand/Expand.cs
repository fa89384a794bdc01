using HybridConv.Graphs;

namespace HybridConv.Ops.Expand;

/// <summary>Repeats axes of size 1 so that the result has the broadcast shape of the input and the given one.</summary>
internal sealed partial class ExpandOp : Op<ExpandAttributes, Movement>
{
    public override string Name => "Expand";
    public override IReadOnlyList<int> Opsets { get; } = [8, 13];
    public override (int Min, int Max) Inputs => (2, 2);

    public override object Read(NodeReader node)
    {
        node.RequireAllAsked();
        return new ExpandAttributes(null);
    }

    public override void Infer(ExpandAttributes attributes, Inference x)
    {
        Shape output = Shape.Broadcast(x.Shape(0), new Shape(attributes.Shape ?? x.Integers(1)));
        x.Absorb(new ExpandAttributes(output.Dims.ToArray()), keep: 1);
        x.Output(0, x.Type(0), output);
    }

    public override Movement Specify(ExpandAttributes attributes, Node node)
    {
        TensorView input = Movement.ViewOf(node.Input(0)), output = Movement.ViewOf(node.Output);
        long[] strides = Walk.Broadcast(input.Shape, input.Strides, output.Shape);
        return new Movement(node.Output.Type, [new Move(0, new TensorView(output.Shape, 0, strides), 0, output)]);
    }

    public override void Reference<T>(Movement spec, in Operands x) => spec.Reference<T>(x);

    public override object? Permute(Node node, IReadOnlyList<int> permutation)
    {
        long[] shape = ((ExpandAttributes)node.Attributes).Shape!;
        return shape.Length == permutation.Count && node.Input(0).KnownShape.Rank == shape.Length
            ? new ExpandAttributes(Axes.Permuted(shape, permutation)) : null;
    }

    public override bool AcceptsViews(Node node) => !IsAlias(node);

    public override bool IsAlias(Node node) => node.Input(0).KnownShape.Elements == node.Output.KnownShape.Elements;
}

/// <param name="Shape">The shape to broadcast with, and after inference the output's; null while it is still input 1.</param>
internal sealed record ExpandAttributes(long[]? Shape);
