using System.Runtime.InteropServices;
using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Planning;

namespace HybridConv.Ops.Resize;

internal partial class ResizeOp : ITable<ResizeSpec, ClDevice>
{
    private const string File = "resize/resize.cl";

    /// <summary>Axes that one launch resizes.</summary>
    private const int Levels = 3;

    private static readonly IReadOnlyList<Candidate<ResizeSpec, ClDevice>> DeviceRows =
    [
        new("resize.copy.any.portable",
            (spec, device) => spec.Copies ? Fit.Yes(Predict(spec, device, 0)) : Fit.No("elements between others are sums"), TapTable.Of, Bind),
        new("resize.channels.f32.portable",
            (spec, device) => spec.Copies ? Fit.No("every element is a copy of another one")
                : spec.Type != ElementType.Float32 ? Fit.No($"the elements are {spec.Type.Label()}, not float32")
                : Fit.Yes(Predict(spec, device, TapsOf(spec))),
            TapTable.Of, Bind),
    ];

    IReadOnlyList<Candidate<ResizeSpec, ClDevice>> ITable<ResizeSpec, ClDevice>.Rows => DeviceRows;

    private static double TapsOf(ResizeSpec spec) => spec.Axes.Aggregate(1.0, (product, axis) => product * axis.Indices.Length / Math.Max(1, axis.Outputs));

    private static double Predict(ResizeSpec spec, ClDevice device, double taps) => device.Predict(
        2 * spec.Output.Shape.Elements * taps, (spec.Input.Shape.Elements + spec.Output.Shape.Elements) * spec.Type.Size(), 0.1, LaunchAxes(spec).Count);

    /// <summary>
    /// The axes that each launch resizes, in their order. The last axes come first: the sums over them are nested in those over the others, whose launches find them in
    /// working memory.
    /// </summary>
    private static List<int[]> LaunchAxes(ResizeSpec spec)
    {
        int[] resized = [.. Enumerable.Range(0, spec.Axes.Length).Where(axis => !spec.Axes[axis].IsIdentity)];
        var launches = new List<int[]>();
        for (int end = resized.Length; end > 0; end -= Levels)
            launches.Add(resized[Math.Max(0, end - Levels)..end]);
        return launches.Count > 0 ? launches : [[]];
    }

    private static ClKernel Bind(ResizeSpec spec, ClDevice device, PackedWeights? packed)
    {
        List<int[]> axes = LaunchAxes(spec);
        var launches = new List<ClLaunch>();
        (ClArgument memory, TensorView view, long scratch) = (ClArgument.Input(0), spec.Input, 0);
        for (int i = 0; i < axes.Count; i++)
        {
            Shape shape = axes[i].Aggregate(view.Shape, (sizes, axis) => sizes.With(axis, spec.Axes[axis].Outputs));
            bool last = i == axes.Count - 1;
            (ClArgument to, TensorView result) = last ? (ClArgument.Output(), spec.Output) : (ClArgument.Scratch(scratch), TensorView.Dense(shape));
            launches.AddRange(Resized(spec, device, axes[i], memory, view, to, result));
            if (!last)
                scratch += (shape.Elements * spec.Type.Size() + sizeof(long) - 1) / sizeof(long) * sizeof(long);
            (memory, view) = (to, result);
        }
        // A launch that has sums over what lies outside on an axis of one before it makes something else of that value.
        if (!spec.Copies)
            foreach (int axis in axes[..^1].SelectMany(before => before))
                foreach ((int start, int count) in spec.Axes[axis].OutsideRuns())
                    launches.AddRange(MoveLaunch.Fill(
                        device, spec.Type, BitConverter.SingleToUInt32Bits(spec.Extrapolation), ClArgument.Output(), spec.Output.Window(axis, start, count)));
        return new ClKernel(launches, scratch);
    }

    private static IEnumerable<ClLaunch> Resized(ResizeSpec spec, ClDevice device, int[] axes, ClArgument source, TensorView from, ClArgument destination, TensorView to)
    {
        int[] others = [.. Enumerable.Range(0, spec.Axes.Length).Except(axes)];
        LoopNest loops = LoopNest.Over(
            new Shape(Array.ConvertAll(others, axis => to.Shape[axis])), Array.ConvertAll(others, axis => to.Strides[axis]), Array.ConvertAll(others, axis => from.Strides[axis]));
        if (to.Shape.Elements == 0)
            yield break;
        var nest = new ClNest(loops.Shape);
        int block = device.Profile == ClProfile.Cpu ? nest.Inner : device.PortableLanes, blocks = (nest.Inner + block - 1) / block;
        int units = checked((int)(nest.Elements / nest.Inner * axes.Aggregate((long)blocks, (product, axis) => product * spec.Axes[axis].Outputs)));
        ClShare share = ClShare.Of(device, units, to.Shape.Elements * (1 + TapsOf(spec)));
        ClArgument outside = !spec.Copies ? spec.Extrapolation
            : ClArgument.Wide(spec.Type == ElementType.Float32 ? BitConverter.SingleToUInt32Bits(spec.Extrapolation) : (long)spec.Extrapolation);
        IEnumerable<ClArgument> levels = Enumerable.Range(0, Levels).SelectMany(level => Level(spec, level < Levels - axes.Length ? null : axes[level - Levels + axes.Length], from, to));
        foreach (long launch in nest.Launches)
            yield return new ClLaunch(
                new ClProgram(File, $"-D LANES={device.PortableLanes} -D T={(spec.Copies ? MoveLaunch.Word(spec.Type) : "uint")}"), spec.Copies ? "copied" : "weighted",
                [
                    .. nest.Operand(source, from.Offset, loops.Strides[1], launch), .. nest.Operand(destination, to.Offset, loops.Strides[0], launch), .. nest.Sizes,
                    ClArgument.Packed(), .. levels, outside, block, blocks, units, share.Units,
                ],
                share.Global, share.Local);
    }

    /// <summary>For AXIS; an axis that there is not has one output, and one tap of weight 1.</summary>
    private static IEnumerable<ClArgument> Level(ResizeSpec spec, int? axis, TensorView from, TensorView to)
    {
        TapTable table = TapTable.Of(spec);
        (int taps, int positions, int weights) = table.Starts(axis);
        return axis is { } known
            ? [spec.Axes[known].Outputs, checked((int)from.Strides[known]), checked((int)to.Strides[known]), taps, positions, weights]
            : [1, 0, 0, taps, positions, weights];
    }

    /// <summary>
    /// The taps of all axes that are resized, in 32-bit words: an axis of one tap of weight 1 first, then each of them. Of each axis the first tap of every output and of
    /// the one behind the last, then the position of every tap, then its weight as a float.
    /// </summary>
    private sealed record TapTable(AxisTaps?[] Axes) : PackFormat
    {
        private static readonly int[] None = [0, 1, 0, BitConverter.SingleToInt32Bits(1)];

        public static TapTable Of(ResizeSpec spec) => new([.. spec.Axes.Select(axis => axis.IsIdentity ? null : axis)]);

        public override IReadOnlyList<int> Operands => [];

        /// <summary>Where the tables of an axis begin; null for one that there is not.</summary>
        public (int Taps, int Positions, int Weights) Starts(int? axis)
        {
            if (axis is null)
                return (0, 2, 3);
            int taps = None.Length + Axes[..axis.Value].Sum(Words), positions = taps + Axes[axis.Value]!.Starts.Length;
            return (taps, positions, positions + Axes[axis.Value]!.Indices.Length);
        }

        public override long Bytes(IReadOnlyList<Tensor?> operands) => sizeof(int) * (None.Length + Axes.Sum(axis => (long)Words(axis)));

        public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
        {
            Span<int> words = MemoryMarshal.Cast<byte, int>(destination);
            None.CopyTo(words);
            words = words[None.Length..];
            foreach (AxisTaps axis in Axes.OfType<AxisTaps>())
            {
                axis.Starts.CopyTo(words);
                axis.Indices.CopyTo(words[axis.Starts.Length..]);
                Span<int> weights = words[(axis.Starts.Length + axis.Indices.Length)..];
                for (int i = 0; i < axis.Weights.Length; i++)
                    weights[i] = BitConverter.SingleToInt32Bits((float)axis.Weights[i]);
                words = words[Words(axis)..];
            }
        }

        public bool Equals(TapTable? other) => other is not null && Axes.Length == other.Axes.Length && Axes.Zip(other.Axes).All(pair => Same(pair.First, pair.Second));

        public override int GetHashCode() => Axes.Aggregate(Axes.Length, (hash, axis) => HashCode.Combine(hash, axis?.Outputs, axis?.Indices.Length));

        private static int Words(AxisTaps? axis) => axis is null ? 0 : axis.Starts.Length + 2 * axis.Indices.Length;

        private static bool Same(AxisTaps? a, AxisTaps? b) => a is null || b is null
            ? a is null && b is null
            : a.Starts.AsSpan().SequenceEqual(b.Starts) && a.Indices.AsSpan().SequenceEqual(b.Indices) && a.Weights.AsSpan().SequenceEqual(b.Weights);
    }
}
