using HybridConv.Graphs;

namespace HybridConv.Ops.Resize;

/// <summary>
/// Stretches or shrinks axes. Each element of an output axis is a weighted sum of a few input elements (its taps); over several axes, the sums nest
/// in the order of the axes, the last one innermost.
/// </summary>
internal partial class ResizeOp : Op<ResizeAttributes, ResizeSpec>
{
    /// <summary>The largest number of taps of one axis.</summary>
    private const double MaxTaps = 1 << 26;

    public override string Name => "Resize";
    public override IReadOnlyList<int> Opsets { get; } = [10, 11, 13, 18, 19];
    public override (int Min, int Max) Inputs => (1, 4);

    public override void Infer(ResizeAttributes attributes, Inference x)
    {
        Shape input = x.Shape(0);
        if (attributes.Sizes is null)
            x.Absorb(attributes = Resolve(attributes, x), keep: 1);
        else if (attributes.Sizes.Length != input.Rank)
            throw x.Error($"{attributes.Sizes.Length} sizes are given for {input}");
        if (attributes.Mode != ResizeMode.Nearest && x.Type(0) != ElementType.Float32)
            throw x.Unsupported($"{attributes.Mode.ToString().ToLowerInvariant()} resizing of {x.Type(0).Label()} is not supported");
        for (int axis = 0; axis < input.Rank; axis++)
        {
            if (input[axis] == 0 && attributes.Sizes![axis] > 0)
                throw x.Error($"axis {axis} of {input} is empty and cannot grow to {attributes.Sizes[axis]}");
            double taps = attributes.Sizes![axis] * (attributes.Antialias ? 4 / Math.Min(1, attributes.Scales![axis]) : 4);
            if (taps > MaxTaps)
                throw x.Error(FormattableString.Invariant($"axis {axis} would take {taps:0} weights to resize"));
        }
        x.Output(0, x.Type(0), new Shape(attributes.Sizes));
    }

    /// <summary>Scales, sizes and region of every axis, from whichever inputs or attributes say them.</summary>
    private static ResizeAttributes Resolve(ResizeAttributes attributes, Inference x)
    {
        Shape input = x.Shape(0);
        int rank = input.Rank;
        int[] axes = attributes.NamedAxes is { } named ? x.Distinct(named, rank) : [.. Enumerable.Range(0, rank)];
        bool alone = x.InputCount <= 2;
        double[]? listed = attributes.Scales ?? Floats(x, alone ? 1 : 2);
        long[]? sizes = Listed(x, 3);
        if ((listed is null) == (sizes is null))
            throw x.Error("it must have either scales or sizes");

        var scales = new double[rank];
        scales.AsSpan().Fill(1);
        long[] resolved = input.Dims.ToArray();
        if (sizes is not null)
            FromSizes(attributes, x, axes, sizes, scales, resolved);
        else
            FromScales(x, axes, listed!, scales, resolved);

        double[] starts = new double[rank], ends = new double[rank];
        ends.AsSpan().Fill(1);
        if (attributes.Coordinates == Coordinates.TfCropAndResize)
        {
            double[] region = (alone ? null : Floats(x, 1)) ?? throw x.Error("tf_crop_and_resize needs a region of interest");
            if (region.Length != 2 * axes.Length || !Array.TrueForAll(region, double.IsFinite))
                throw x.Error($"a region of interest of {region.Length} numbers does not fit {axes.Length} axes, or is not finite");
            for (int i = 0; i < axes.Length; i++)
                (starts[axes[i]], ends[axes[i]]) = (region[i], region[i + axes.Length]);
        }
        return attributes with { NamedAxes = null, Scales = scales, Sizes = resolved, RegionStarts = starts, RegionEnds = ends };
    }

    private static void FromScales(Inference x, int[] axes, double[] listed, double[] scales, long[] resolved)
    {
        if (listed.Length != axes.Length)
            throw x.Error($"{listed.Length} scales are given for {axes.Length} axes");
        for (int i = 0; i < axes.Length; i++)
        {
            // ONNX's own shape inference and ONNX Runtime both multiply in float.
            float size = MathF.Floor((float)listed[i] * resolved[axes[i]]);
            if (!(listed[i] > 0 && size <= int.MaxValue))
                throw x.Error(FormattableString.Invariant($"the scale {listed[i]} of an axis of {resolved[axes[i]]} is not possible"));
            (scales[axes[i]], resolved[axes[i]]) = (listed[i], (long)size);
        }
    }

    private static void FromSizes(ResizeAttributes attributes, Inference x, int[] axes, long[] sizes, double[] scales, long[] resolved)
    {
        if (sizes.Length != axes.Length)
            throw x.Error($"{sizes.Length} sizes are given for {axes.Length} axes");
        for (int i = 0; i < axes.Length; i++)
        {
            if (sizes[i] is < 0 or > int.MaxValue)
                throw x.Error($"the size {sizes[i]} is not possible");
            scales[axes[i]] = sizes[i] / (double)Math.Max(1, resolved[axes[i]]);
        }
        if (attributes.AspectRatio != AspectRatio.Stretch && axes.Length > 0)
        {
            IEnumerable<double> wanted = axes.Select(axis => scales[axis]);
            double common = attributes.AspectRatio == AspectRatio.NotLarger ? wanted.Min() : wanted.Max();
            foreach (int axis in axes)
                scales[axis] = common;
        }
        for (int i = 0; i < axes.Length; i++)
        {
            double size = attributes.AspectRatio == AspectRatio.Stretch ? sizes[i] : Math.Floor((scales[axes[i]] * resolved[axes[i]]) + 0.5);
            resolved[axes[i]] = size <= int.MaxValue ? (long)size : throw x.Error(FormattableString.Invariant($"the size {size} is not possible"));
        }
    }

    /// <summary>The elements of an optional input; null when it is absent or empty, which means the same.</summary>
    private static double[]? Floats(Inference x, int input)
    {
        if (!x.Has(input))
            return null;
        Tensor tensor = x.Constant(input);
        if (tensor.Shape.Elements == 0)
            return null;
        return tensor.Type switch
        {
            ElementType.Float32 => Array.ConvertAll(tensor.ToArray<float>(), value => (double)value),
            ElementType.Float64 => tensor.ToArray<double>(),
            _ => throw x.Error($"input {input} is {tensor.Type.Label()}; it must be a float"),
        };
    }

    private static long[]? Listed(Inference x, int input) => x.Integers(input) is { Length: > 0 } sizes ? sizes : null;

    public override ResizeSpec Specify(ResizeAttributes attributes, Node node)
    {
        TensorView input = Movement.ViewOf(node.Input(0)), output = Movement.ViewOf(node.Output);
        var axes = new AxisTaps[input.Shape.Rank];
        for (int axis = 0; axis < axes.Length; axis++)
            axes[axis] = AxisTaps.Of(attributes, axis, input.Shape.Dim(axis));
        return new ResizeSpec(node.Input(0).Type, input, output, axes, attributes.Mode == ResizeMode.Nearest, attributes.Extrapolation);
    }

    public override object? Permute(Node node, IReadOnlyList<int> permutation) => Permuted((ResizeAttributes)node.Attributes, permutation);

    public override object? ToChannelsLast(Node node)
    {
        var attributes = (ResizeAttributes)node.Attributes;
        int rank = attributes.Sizes!.Length;
        return attributes.ChannelsLast || rank is < 3 or > 5 ? null
            : Permuted(attributes, [0, .. Enumerable.Range(2, rank - 2), 1]) with { ChannelsLast = true };
    }

    private static ResizeAttributes Permuted(ResizeAttributes attributes, IReadOnlyList<int> permutation)
    {
        T[] Moved<T>(T[] perAxis) => [.. permutation.Select(axis => perAxis[axis])];
        return attributes with
        {
            Scales = Moved(attributes.Scales!),
            Sizes = Moved(attributes.Sizes!),
            RegionStarts = Moved(attributes.RegionStarts!),
            RegionEnds = Moved(attributes.RegionEnds!),
            ChannelsLast = permutation[^1] == 1,
        };
    }

    public override bool AcceptsViews(Node node) => true;
}

/// <summary>A resize with concrete sizes.</summary>
/// <param name="Type">The element type.</param>
/// <param name="Input">The input's view, from its first element.</param>
/// <param name="Output">The output's view.</param>
/// <param name="Axes">The taps of each axis.</param>
/// <param name="Copies">Whether every element is a copy of one input element, so that any type can be resized.</param>
/// <param name="Extrapolation">What elements hold whose position lies outside the input.</param>
internal sealed record ResizeSpec(ElementType Type, TensorView Input, TensorView Output, AxisTaps[] Axes, bool Copies, float Extrapolation);
