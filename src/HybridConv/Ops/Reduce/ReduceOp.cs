using System.Numerics;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Ops.Reduce;

/// <summary>A reduction.</summary>
/// <param name="Axes">The axes that are reduced; null when an input says them. After inference ascending and not negative.</param>
/// <param name="KeepDims">Whether reduced axes stay, with size 1.</param>
/// <param name="NoneMeansNone">Whether an empty list of axes reduces nothing rather than everything.</param>
internal sealed record ReduceAttributes(long[]? Axes, bool KeepDims, bool NoneMeansNone);

/// <summary>A reduction with concrete shapes.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Results">The loops over the output, and the first element of each result in the input.</param>
/// <param name="Elements">The loops over one result's elements, in the order of the input's axes.</param>
/// <param name="Count">Elements of one result.</param>
internal sealed record ReduceSpec(ElementType Type, LoopNest Results, LoopNest Elements, long Count);

/// <summary>An operator that reduces axes. A new one costs a struct <typeparamref name="R"/> and a line in the table.</summary>
internal sealed partial class ReduceOp<R> : Op<ReduceAttributes, ReduceSpec> where R : struct, IReduction
{
    public override string Name => R.Name;
    public override IReadOnlyList<int> Opsets => R.Opsets;
    public override (int Min, int Max) Inputs => (1, 2);

    public override object Read(NodeReader node)
    {
        bool keep = node.Int("keepdims", 1) != 0, none = false;
        long[]? axes = null;
        if (node.Opset < R.AxesAreInputSince)
            axes = node.Ints("axes") ?? [];
        else
        {
            none = node.Int("noop_with_empty_axes", 0) != 0;
            if (node.InputCount < 2 || node.Inputs[1] is null)
                axes = [];
        }
        node.RequireAllAsked();
        return new ReduceAttributes(axes, keep, none);
    }

    public override void Infer(ReduceAttributes attributes, Inference x)
    {
        ElementType type = x.Type(0);
        if (type != ElementType.Float32 && !IntegerTypes.Contains(type) && !(type == ElementType.Bool && R.TakesBool))
            throw x.UnsupportedType(0);
        if (R.Adds && type.Size() < sizeof(int))
            throw x.UnsupportedType(0);
        Shape shape = x.Shape(0);
        var reduced = new bool[shape.Rank];
        long[] axes = attributes.Axes ?? x.Integers(1) ?? [];
        foreach (long axis in axes)
            reduced[x.Axis(axis, shape.Rank)] = true;
        if (axes.Length == 0 && !attributes.NoneMeansNone)
            Array.Fill(reduced, true);

        long[] resolved = [.. Enumerable.Range(0, shape.Rank).Where(axis => reduced[axis]).Select(axis => (long)axis)];
        x.Absorb(new ReduceAttributes(resolved, attributes.KeepDims, NoneMeansNone: true), keep: 1);
        var dims = new List<long>();
        for (int axis = 0; axis < shape.Rank; axis++)
            if (!reduced[axis])
                dims.Add(shape[axis]);
            else if (attributes.KeepDims)
                dims.Add(1);
        x.Output(0, type, new Shape([.. dims]));
    }

    public override ReduceSpec Specify(ReduceAttributes attributes, Node node)
    {
        Shape shape = node.Input(0).KnownShape;
        long[] x = shape.DenseStrides();
        int[] kept = [.. Enumerable.Range(0, shape.Rank).Where(axis => !attributes.Axes!.Contains(axis))], gone = [.. attributes.Axes!.Select(axis => (int)axis)];
        var results = new Shape(Array.ConvertAll(kept, axis => shape[axis]));
        var elements = new Shape(Array.ConvertAll(gone, axis => shape[axis]));
        return new ReduceSpec(
            node.Output.Type,
            LoopNest.Over(results, results.DenseStrides(), Array.ConvertAll(kept, axis => x[axis])),
            LoopNest.Over(elements, Array.ConvertAll(gone, axis => x[axis])),
            elements.Elements);
    }

    public override Cost Cost(Node node) => new(node.Input(0).KnownShape.Elements, 0);

    /// <summary>Possible when axes are kept, so that there is something to permute, and reduced axes keep their order, so that sums do.</summary>
    public override object? Permute(Node node, IReadOnlyList<int> permutation)
    {
        var attributes = (ReduceAttributes)node.Attributes;
        if (!attributes.KeepDims)
            return null;
        Shape shape = node.Input(0).KnownShape;
        var axes = new List<long>();
        int last = -1;
        for (int axis = 0; axis < permutation.Count; axis++)
        {
            if (!attributes.Axes!.Contains(permutation[axis]))
                continue;
            axes.Add(axis);
            if (shape[permutation[axis]] == 1)
                continue;
            if (permutation[axis] < last && R.Adds)
                return null;
            last = permutation[axis];
        }
        return attributes with { Axes = [.. axes] };
    }

    public override void Reference<T>(ReduceSpec spec, in Operands x)
    {
        if (spec.Type == ElementType.Float32)
            Each<T>(spec, x, T.NegativeInfinity);
        else
            IntegerTypes.Run(spec.Type == ElementType.Bool ? ElementType.UInt8 : spec.Type, new IntegerLoop(spec), x);
    }

    private static void Each<T>(ReduceSpec spec, in Operands x, T smallest) where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<T> from = x.Input<T>(0);
        Span<T> to = x.Output<T>(0);
        for (var result = new Walk(spec.Results.Shape, spec.Results.Strides[0], spec.Results.Strides[1]); result.Live; result.Next())
        {
            int first = result[1];
            T combined = smallest;
            if (R.Adds)
            {
                var sum = new SumTree<T>();
                for (var walk = new Walk(spec.Elements.Shape, spec.Elements.Strides[0]); walk.Live; walk.Next())
                    sum.Add(from[first + walk[0]]);
                combined = sum.Sum();
            }
            else
                for (var walk = new Walk(spec.Elements.Shape, spec.Elements.Strides[0]); walk.Live; walk.Next())
                    combined = T.Max(combined, from[first + walk[0]]);
            to[result[0]] = R.Finish(combined, spec.Count);
        }
    }

    private readonly struct IntegerLoop(ReduceSpec spec) : IIntegerCode
    {
        public void Run<T>(in Operands x) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => Each(spec, x, T.MinValue);
    }
}
