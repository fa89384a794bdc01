using HybridConv.Graphs;

namespace HybridConv.Ops.Slice;

/// <summary>A range of every axis, with steps that may be negative.</summary>
internal sealed partial class SliceOp : Op<SliceAttributes, Movement>, ISplits
{
    public override string Name => "Slice";
    public override IReadOnlyList<int> Opsets { get; } = [1, 10, 11, 13];
    public override (int Min, int Max) Inputs => (1, 5);

    public override object Read(NodeReader node)
    {
        SliceAttributes attributes = node.Opset < 10
            ? new SliceAttributes(node.Ints("starts"), node.Ints("ends"), node.Ints("axes"), null)
            : new SliceAttributes(null, null, null, null);
        node.RequireAllAsked();
        if (node.Opset < 10 ? attributes.Starts is null || attributes.Ends is null : node.InputCount < 3)
            throw node.Unsupported("it lacks its starts or ends");
        return attributes;
    }

    public override void Infer(SliceAttributes attributes, Inference x)
    {
        if (attributes.Starts is null)
            attributes = new SliceAttributes(x.Integers(1), x.Integers(2), x.Integers(3), x.Integers(4));
        Shape input = x.Shape(0);
        long[] starts = attributes.Starts ?? throw x.Error("it has no starts"), ends = attributes.Ends ?? throw x.Error("it has no ends");
        if (starts.Length > input.Rank)
            throw x.Error($"{starts.Length} axes are sliced in a tensor of rank {input.Rank}");
        long[] axes = [.. attributes.Axes is { } named ? x.Distinct(named, input.Rank) : Enumerable.Range(0, starts.Length)];
        long[] steps = attributes.Steps ?? [.. Enumerable.Repeat(1L, starts.Length)];
        if (ends.Length != starts.Length || axes.Length != starts.Length || steps.Length != starts.Length)
            throw x.Error($"{starts.Length} starts, {ends.Length} ends, {axes.Length} axes and {steps.Length} steps are given");
        if (steps.Contains(0))
            throw x.Error("a step is 0");

        attributes = new SliceAttributes(starts, ends, axes, steps);
        x.Absorb(attributes, keep: 1);
        x.Output(0, x.Type(0), Window(attributes, TensorView.Dense(input)).Shape);
    }

    public override Movement Specify(SliceAttributes attributes, Node node) =>
        new(node.Output.Type, [new Move(0, Window(attributes, Movement.ViewOf(node.Input(0))), 0, Movement.ViewOf(node.Output))]);

    public override void Reference<T>(Movement spec, in Operands x) => spec.Reference<T>(x);

    public override object Permute(Node node, IReadOnlyList<int> permutation)
    {
        var attributes = (SliceAttributes)node.Attributes;
        return attributes with { Axes = Array.ConvertAll(attributes.Axes!, axis => Axes.Moved(axis, permutation)) };
    }

    public override bool AcceptsViews(Node node) => !IsAlias(node);

    public TensorView Window(Node node, int output, TensorView source) => Window((SliceAttributes)node.Attributes, source);

    /// <summary>A slice that takes everything in order moves nothing.</summary>
    public override bool IsAlias(Node node) =>
        node.Input(0).Shape == node.Output.Shape && Array.TrueForAll(((SliceAttributes)node.Attributes).Steps!, step => step > 0);

    /// <summary>The elements of the input that are taken.</summary>
    private static TensorView Window(SliceAttributes attributes, TensorView input)
    {
        long offset = input.Offset;
        long[] sizes = input.Shape.Dims.ToArray(), strides = [.. input.Strides];
        for (int i = 0; i < attributes.Axes!.Length; i++)
        {
            int axis = (int)attributes.Axes[i];
            long step = Math.Clamp(attributes.Steps![i], -int.MaxValue, int.MaxValue);
            (long start, sizes[axis]) = Range(attributes.Starts![i], attributes.Ends![i], step, sizes[axis]);
            offset += start * strides[axis];
            strides[axis] *= step;
        }
        return new TensorView(new Shape(sizes), offset, strides);
    }

    /// <summary>The first position and the number of positions of a[start:end:step]: negative positions count from the end, and all are clamped to the axis.</summary>
    private static (long Start, long Count) Range(long start, long end, long step, long size)
    {
        if (size == 0)
            return (0, 0);
        bool up = step > 0;
        start = Math.Clamp(start < 0 ? start + size : start, 0, up ? size : size - 1);
        end = Math.Clamp(end < 0 ? end + size : end, up ? 0 : -1, up ? size : size - 1);
        long count = up ? (end - start + step - 1) / step : (start - end - step - 1) / -step;
        return count <= 0 ? (0, 0) : (start, count);
    }
}

/// <summary>One entry per sliced axis. As read until inference, when inputs are absorbed and the axes named.</summary>
/// <param name="Starts">The first position; may count from the end; clamped. Null while the parameters are still inputs.</param>
/// <param name="Ends">After the last position.</param>
/// <param name="Axes">The axes; null for the first ones.</param>
/// <param name="Steps">Distances between positions; null for ones.</param>
internal sealed record SliceAttributes(long[]? Starts, long[]? Ends, long[]? Axes, long[]? Steps);
