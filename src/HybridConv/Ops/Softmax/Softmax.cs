using HybridConv.Graphs;

namespace HybridConv.Ops.Softmax;

/// <summary>A softmax.</summary>
/// <param name="Axis">The axis along which the results sum to 1; may count from the end until inference.</param>
/// <param name="Flattens">Whether, as before opset 13, that axis and all after it count as one.</param>
internal sealed record SoftmaxAttributes(long Axis, bool Flattens);

/// <summary>A softmax with concrete shapes: element (o, i, n) of a dense tensor [Outer, Length, Inner] belongs to the run of all i.</summary>
internal sealed record SoftmaxSpec(long Outer, long Length, long Inner);

/// <summary>Which softmax an operator is.</summary>
internal interface ISoftmax
{
    static abstract string Name { get; }

    /// <summary>Whether the result is the softmax's logarithm.</summary>
    static abstract bool IsLogarithm { get; }
}

/// <summary>y = e^(x - m) / s, with the largest m and the sum s of e^(x - m).</summary>
internal readonly struct Probability : ISoftmax
{
    public static string Name => "Softmax";
    public static bool IsLogarithm => false;
}

/// <summary>y = (x - m) - log s.</summary>
internal readonly struct LogProbability : ISoftmax
{
    public static string Name => "LogSoftmax";
    public static bool IsLogarithm => true;
}

/// <summary>
/// A softmax along an axis, or its logarithm, m being the largest x there and s the sum of e^(x - m). In float: the exponentials are summed by
/// <see cref="Reduce.SumTree{T}"/>; then each is divided by s, or log s is subtracted from each x - m. A NaN or +infinity makes its whole run NaN, as does a
/// run of -infinity alone.
/// </summary>
internal sealed partial class SoftmaxOp<F> : Op<SoftmaxAttributes, SoftmaxSpec> where F : struct, ISoftmax
{
    public override string Name => F.Name;
    public override IReadOnlyList<int> Opsets { get; } = [1, 11, 13];
    public override (int Min, int Max) Inputs => (1, 1);

    public override void Infer(SoftmaxAttributes attributes, Inference x)
    {
        x.RequireFloat32();
        Shape shape = x.Shape(0);
        // The old form also allows the axis behind the last one, and a scalar: then every run is one element.
        int axis = attributes.Flattens && attributes.Axis == shape.Rank ? shape.Rank : x.Axis(attributes.Axis, shape.Rank);
        bool flattens = attributes.Flattens;
        if (flattens && Wide(shape, axis) is [int only])
            (axis, flattens) = (only, false);
        x.Node.Attributes = new SoftmaxAttributes(axis, flattens);
        x.Output(0, ElementType.Float32, shape);
    }

    public override SoftmaxSpec Specify(SoftmaxAttributes attributes, Node node)
    {
        Shape shape = node.Output.KnownShape;
        int axis = (int)attributes.Axis, end = attributes.Flattens ? shape.Rank : axis + 1;
        return new SoftmaxSpec(shape.Product(0, axis), shape.Product(axis, end), shape.Product(end, shape.Rank));
    }

    public override bool InPlace(Node node, int input) => true;

    public override object? Permute(Node node, IReadOnlyList<int> permutation)
    {
        var attributes = (SoftmaxAttributes)node.Attributes;
        return attributes.Flattens ? null : attributes with { Axis = Axes.Moved(attributes.Axis, permutation) };
    }

    /// <summary>The axes from <paramref name="axis"/> on that hold more than one element, or the first of them when none does.</summary>
    private static int[] Wide(Shape shape, int axis)
    {
        var wide = new List<int>();
        for (int i = axis; i < shape.Rank; i++)
            if (shape[i] != 1)
                wide.Add(i);
        return wide.Count == 0 && axis < shape.Rank ? [axis] : [.. wide];
    }
}
