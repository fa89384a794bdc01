using HybridConv.Graphs;

namespace HybridConv.Ops.ChannelShuffle;

/// <summary>
/// Interleaves the groups of one axis: with C channels in G groups, output channel i*G + g is input channel g*(C/G) + i.
/// Not an ONNX operator: a pass makes it from reshape, transpose and reshape.
/// </summary>
internal sealed partial class ChannelShuffleOp : Op<ChannelShuffleAttributes, Movement>
{
    public override string Name => "ChannelShuffle";

    /// <summary>None: no file names this operator.</summary>
    public override IReadOnlyList<int> Opsets { get; } = [];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node) => throw node.Unsupported("it is not an ONNX operator");

    public override void Infer(ChannelShuffleAttributes attributes, Inference x)
    {
        Shape input = x.Shape(0);
        int axis = x.Axis(attributes.Axis, input.Rank);
        if (attributes.Groups < 1 || input[axis] % attributes.Groups != 0)
            throw x.Error($"{input[axis]} channels cannot be cut into {attributes.Groups} groups");
        if (input.Rank == Shape.MaxRank)
            throw x.Error($"a tensor of rank {input.Rank} cannot be shuffled");
        x.Node.Attributes = attributes with { Axis = axis };
        x.Output(0, x.Type(0), input);
    }

    public override Movement Specify(ChannelShuffleAttributes attributes, Node node)
    {
        TensorView input = Movement.ViewOf(node.Input(0)), output = Movement.ViewOf(node.Output);
        int axis = (int)attributes.Axis;
        long groups = attributes.Groups, each = input.Shape[axis] / groups, from = input.Strides[axis], to = output.Strides[axis];
        TensorView Cut(TensorView view, long inner, long outer)
        {
            ReadOnlySpan<long> dims = view.Shape.Dims;
            return new TensorView(
                new Shape([.. dims[..axis], each, groups, .. dims[(axis + 1)..]]), view.Offset,
                [.. view.Strides[..axis], inner, outer, .. view.Strides[(axis + 1)..]]);
        }

        return new Movement(node.Output.Type, [new Move(0, Cut(input, from, from * each), 0, Cut(output, to * groups, to))]);
    }

    public override void Reference<T>(Movement spec, in Operands x) => spec.Reference<T>(x);

    public override object Permute(Node node, IReadOnlyList<int> permutation)
    {
        var attributes = (ChannelShuffleAttributes)node.Attributes;
        return attributes with { Axis = Axes.Moved(attributes.Axis, permutation) };
    }

    public override bool AcceptsViews(Node node) => true;
}

/// <param name="Axis">The axis of the channels; may count from the end until inference.</param>
/// <param name="Groups">Groups that are interleaved; they divide the channels.</param>
internal sealed record ChannelShuffleAttributes(long Axis, long Groups);
