using HybridConv.Graphs;

namespace HybridConv.Ops.Split;

/// <summary>Cuts a tensor along one axis.</summary>
internal sealed partial class SplitOp : Op<SplitAttributes, Movement>, ISplits
{
    public override string Name => "Split";
    public override IReadOnlyList<int> Opsets { get; } = [1, 2, 11, 13, 18];
    public override (int Min, int Max) Inputs => (1, 2);
    public override int MaxOutputs => int.MaxValue;
    public override int OutputsOptionalSince => int.MaxValue;

    public override object Read(NodeReader node)
    {
        long axis = node.Int("axis", 0);
        long[]? sizes = node.Opset < 13 ? node.Ints("split") : null;
        long? parts = node.Opset >= 18 && node.Has("num_outputs") ? node.Int("num_outputs", 0) : null;
        node.RequireAllAsked();
        if (parts is { } count && count != node.OutputCount)
            throw node.Unsupported($"num_outputs is {count}, but the node has {node.OutputCount} outputs");
        return new SplitAttributes(axis, sizes, Uneven: parts is not null);
    }

    public override void Infer(SplitAttributes attributes, Inference x)
    {
        Shape input = x.Shape(0);
        int axis = x.Axis(attributes.Axis, input.Rank);
        long[] sizes = attributes.Sizes ?? x.Integers(1) ?? Even(attributes, x, input[axis]);
        if (sizes.Length != x.Node.Outputs.Count)
            throw x.Error($"{sizes.Length} sizes are given for {x.Node.Outputs.Count} outputs");
        long total = 0;
        foreach (long size in sizes)
            total = size >= 0 && size <= input[axis] - total ? total + size
                : throw x.Error($"the sizes {Shape.Format(sizes)} do not cut axis {axis} of {input}");
        if (total != input[axis])
            throw x.Error($"the sizes {Shape.Format(sizes)} do not add up to axis {axis} of {input}");
        x.Absorb(new SplitAttributes(axis, sizes), keep: 1);
        for (int i = 0; i < sizes.Length; i++)
            x.Output(i, x.Type(0), input.With(axis, sizes[i]));
    }

    /// <summary>Equal parts; from opset 18 on the last one may be smaller.</summary>
    private static long[] Even(SplitAttributes attributes, Inference x, long size)
    {
        int parts = x.Node.Outputs.Count;
        long part = (size + parts - 1) / parts, last = size - part * (parts - 1);
        if (last < 0 || (last != part && !attributes.Uneven))
            throw x.Error($"an axis of {size} cannot be cut into {parts} {(attributes.Uneven ? "" : "equal ")}parts");
        var sizes = new long[parts];
        sizes.AsSpan().Fill(part);
        sizes[^1] = last;
        return sizes;
    }

    public TensorView Window(Node node, int output, TensorView source)
    {
        var attributes = (SplitAttributes)node.Attributes;
        return source.Window((int)attributes.Axis, attributes.Sizes!.Take(output).Sum(), attributes.Sizes![output]);
    }

    public override Movement Specify(SplitAttributes attributes, Node node)
    {
        TensorView input = Movement.ViewOf(node.Input(0));
        var moves = new List<Move>();
        long start = 0;
        for (int i = 0; i < node.Outputs.Count; i++)
        {
            TensorView output = Movement.ViewOf(node.Outputs[i]);
            moves.Add(new Move(0, input.Window((int)attributes.Axis, start, attributes.Sizes![i]), i, output));
            start += attributes.Sizes[i];
        }
        return new Movement(node.Output.Type, moves);
    }

    public override void Reference<T>(Movement spec, in Operands x) => spec.Reference<T>(x);

    public override object Permute(Node node, IReadOnlyList<int> permutation)
    {
        var attributes = (SplitAttributes)node.Attributes;
        return attributes with { Axis = Axes.Moved(attributes.Axis, permutation) };
    }

    public override bool AcceptsViews(Node node) => !IsAlias(node);

    public override bool IsAlias(Node node) => node.Outputs.Count == 1;
}

/// <param name="Axis">The axis that is cut; may count from the end until inference.</param>
/// <param name="Sizes">The sizes of the parts; null (until inference) for equal parts, or while they are still input 1.</param>
/// <param name="Uneven">Whether the last of equal parts may be smaller.</param>
internal sealed record SplitAttributes(long Axis, long[]? Sizes, bool Uneven = false);
