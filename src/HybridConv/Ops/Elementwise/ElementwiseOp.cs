using System.Diagnostics.CodeAnalysis;
using HybridConv.Graphs;

namespace HybridConv.Ops.Elementwise;

/// <summary>What all operators have in common whose outputs' elements depend on one element of each input.</summary>
internal abstract class ElementwiseOp<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)] TAttributes>
    : Op<TAttributes, ElementwiseSpec<TAttributes>> where TAttributes : class
{
    public override bool AcceptsViews(Node node) => true;

    public override bool InPlace(Node node, int input) =>
        node.OptionalInput(input) is { } value && value.Type == node.Output.Type && value.Shape == node.Output.Shape;

    /// <summary>Elements meet by their axes, so any order of axes will do. Operands of a lower rank are widened before they are transposed, or hold one element.</summary>
    public override object? Permute(Node node, IReadOnlyList<int> permutation) => node.Attributes;

    public override ElementwiseSpec<TAttributes> Specify(TAttributes attributes, Node node)
    {
        Shape shape = node.Output.KnownShape;
        var strides = new long[1 + node.Inputs.Count][];
        strides[0] = node.Output.KnownView.Strides;
        for (int i = 0; i < node.Inputs.Count; i++)
            strides[1 + i] = node.Inputs[i] is { } input ? InputStrides(attributes, i, input.KnownView, shape) : new long[shape.Rank];
        ElementType[] types = [node.Output.Type, .. node.Inputs.Select(input => input?.Type ?? ElementType.None)];
        return new ElementwiseSpec<TAttributes>(attributes, types, LoopNest.Over(shape, strides));
    }

    /// <summary>The strides by which an input runs through the output's axes.</summary>
    protected virtual long[] InputStrides(TAttributes attributes, int input, TensorView view, Shape output) => Walk.Broadcast(view.Shape, view.Strides, output);
}

/// <summary>An elementwise operation with concrete shapes.</summary>
/// <param name="Attributes">The operator's own.</param>
/// <param name="Types">The element types of the output, then of the inputs; <see cref="ElementType.None"/> for an absent one.</param>
/// <param name="Loops">Over the output, then the inputs.</param>
internal sealed record ElementwiseSpec<TAttributes>(TAttributes Attributes, IReadOnlyList<ElementType> Types, LoopNest Loops)
{
    /// <summary>The element type of all operands; <see cref="ElementType.None"/> when they differ.</summary>
    public ElementType Type { get; } = Types.All(type => type == Types[0] || type == ElementType.None) ? Types[0] : ElementType.None;
}
