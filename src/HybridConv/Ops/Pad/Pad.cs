using HybridConv.Graphs;

namespace HybridConv.Ops.Pad;

/// <summary>Adds elements before and after each axis, or removes them where a pad is negative.</summary>
internal sealed partial class PadOp : Op<PadAttributes, Movement>
{
    /// <summary>The largest number of rectangular copies that a padding may be cut into.</summary>
    private const long MaxMoves = 1 << 16;

    public override string Name => "Pad";
    public override IReadOnlyList<int> Opsets { get; } = [1, 2, 11, 13, 18, 19, 21, 23, 24, 25];
    public override (int Min, int Max) Inputs => (1, 4);

    public override object Read(NodeReader node)
    {
        string mode = node.Text("mode", "constant");
        long[]? pads = node.Opset < 2 ? node.Ints("paddings") : node.Opset < 11 ? node.Ints("pads") : null;
        float value = node.Opset < 11 ? node.Float("value", 0) : 0;
        node.RequireAllAsked();
        if (node.Opset < 11 ? pads is null : node.InputCount < 2)
            throw node.Unsupported("it says no pads");
        return new PadAttributes(mode switch
        {
            "constant" => PadMode.Constant,
            "edge" => PadMode.Edge,
            "reflect" => PadMode.Reflect,
            "wrap" when node.Opset >= 19 => PadMode.Wrap,
            _ => throw node.Unsupported($"the mode '{mode}' is not known"),
        }, pads, ElementType.Float32, BitConverter.SingleToUInt32Bits(value));
    }

    public override void Infer(PadAttributes attributes, Inference x)
    {
        Shape input = x.Shape(0);
        if (attributes.Pads is null)
            attributes = Absorbed(attributes, x);
        long[] pads = attributes.Pads!;
        if (pads.Length != 2 * input.Rank)
            throw x.Error($"{pads.Length} pads are given for a tensor of rank {input.Rank}");
        if (attributes.ValueBits != 0 && attributes.ValueType != x.Type(0))
            throw x.Error($"the value is {attributes.ValueType.Label()}, but the data {x.Type(0).Label()}");

        var sizes = new long[input.Rank];
        long moves = 1;
        for (int axis = 0; axis < sizes.Length; axis++)
        {
            (long begin, long end) = (pads[axis], pads[axis + input.Rank]);
            if (Math.Clamp(begin, -int.MaxValue, int.MaxValue) != begin || Math.Clamp(end, -int.MaxValue, int.MaxValue) != end)
                throw x.Error($"the pads {Shape.Format(pads)} are too large");
            sizes[axis] = input[axis] + begin + end;
            if (sizes[axis] < 0)
                throw x.Error($"the pads {Shape.Format(pads)} remove more than axis {axis} of {input} has");
            if (attributes.Mode == PadMode.Constant)
                continue;
            long kept = input[axis] - Math.Max(0, -begin) - Math.Max(0, -end);
            if (kept < 1 && sizes[axis] > 0)
                throw x.Error($"axis {axis} of {input} has nothing to repeat under the pads {Shape.Format(pads)}");
            moves *= attributes.Mode == PadMode.Edge ? 3 : Math.Min(MaxMoves + 1, 2 * (sizes[axis] / Math.Max(1, kept - 1)) + 3);
            if (moves > MaxMoves)
                throw x.Error($"the pads {Shape.Format(pads)} repeat {input} too often");
        }
        x.Absorb(attributes, keep: 1);
        x.Output(0, x.Type(0), new Shape(sizes));
    }

    /// <summary>The parameters out of inputs 1 to 3: pads of all axes in order, and the value's bits.</summary>
    private static PadAttributes Absorbed(PadAttributes attributes, Inference x)
    {
        long[] listed = x.Integers(1) ?? throw x.Error("it has no pads");
        if (x.Integers(3) is { } named)
        {
            int rank = x.Shape(0).Rank;
            int[] axes = x.Distinct(named, rank);
            if (listed.Length != 2 * axes.Length)
                throw x.Error($"{listed.Length} pads are given for {axes.Length} axes");
            var full = new long[2 * rank];
            for (int i = 0; i < axes.Length; i++)
                (full[axes[i]], full[axes[i] + rank]) = (listed[i], listed[i + axes.Length]);
            listed = full;
        }
        if (!x.Has(2))
            return attributes with { Pads = listed, ValueType = x.Type(0), ValueBits = 0 };
        Tensor value = x.Constant(2);
        if (value.Shape.Elements != 1)
            throw x.Error($"the value has {value.Shape.Elements} elements instead of one");
        return attributes with { Pads = listed, ValueType = value.Type, ValueBits = Elements.Bits(value) };
    }

    public override Movement Specify(PadAttributes attributes, Node node)
    {
        TensorView input = Movement.ViewOf(node.Input(0)), output = Movement.ViewOf(node.Output);
        var moves = new List<Move>();
        int rank = input.Shape.Rank;
        if (attributes.Mode == PadMode.Constant)
            Frame(input, output, attributes.Pads!, moves);
        else
        {
            long[] pads = attributes.Pads!;
            Repeat(input, output, 0, [.. Enumerable.Range(0, rank).Select(a => Segments(attributes.Mode, input.Shape[a], pads[a], pads[a + rank]))], moves);
        }
        return new Movement(node.Output.Type, moves, attributes.ValueBits);
    }

    /// <summary>The copy of what stays, framed by fills: axis by axis, what lies before and after it inside the window of the axes done so far.</summary>
    private static void Frame(TensorView input, TensorView output, long[] pads, List<Move> moves)
    {
        for (int axis = 0; axis < input.Shape.Rank; axis++)
        {
            long size = output.Shape[axis];
            long start = Math.Clamp(pads[axis], 0, size), end = Math.Clamp(pads[axis] + input.Shape[axis], start, size);
            if (start > 0)
                moves.Add(Move.FillOf(0, output.Window(axis, 0, start)));
            if (end < size)
                moves.Add(Move.FillOf(0, output.Window(axis, end, size - end)));
            input = input.Window(axis, start == end ? 0 : start - pads[axis], end - start);
            output = output.Window(axis, start, end - start);
        }
        moves.Add(new Move(0, input, 0, output));
    }

    /// <summary>The product of the segments of all axes.</summary>
    private static void Repeat(TensorView input, TensorView output, int axis, List<Segment>[] segments, List<Move> moves)
    {
        if (axis == segments.Length)
        {
            moves.Add(new Move(0, input, 0, output));
            return;
        }
        foreach (Segment segment in segments[axis])
        {
            var strides = (long[])input.Strides.Clone();
            strides[axis] *= segment.Step;
            var from = new TensorView(input.Shape.With(axis, segment.Length), input.Offset + segment.From * input.Strides[axis], strides);
            Repeat(from, output.Window(axis, segment.To, segment.Length), axis + 1, segments, moves);
        }
    }

    /// <summary>Cuts an axis of the output into runs along which the source moves by one, stays, or moves back by one.</summary>
    private static List<Segment> Segments(PadMode mode, long size, long begin, long end)
    {
        long first = Math.Max(0, -begin), kept = size - first - Math.Max(0, -end), before = Math.Max(0, begin), total = size + begin + end;
        var segments = new List<Segment>();
        for (long to = 0; to < total; to += segments[^1].Length)
        {
            long position = to - before;
            (long from, long step, long length) = mode switch
            {
                PadMode.Edge or PadMode.Reflect when kept == 1 => (0, 0, total),
                PadMode.Edge when position < 0 => (0, 0, -position),
                PadMode.Edge when position >= kept => (kept - 1, 0, total),
                PadMode.Edge => (position, 1, kept - position),
                PadMode.Reflect => Fold(position, kept),
                _ => Wrapped(position, kept),
            };
            segments.Add(new Segment(to, first + from, Math.Min(length, total - to), step));
        }
        return segments;
    }

    /// <summary>0, 1, ..., kept-1, kept-2, ..., 1, 0, 1, ...: up and down, without repeating the ends.</summary>
    private static (long From, long Step, long Length) Fold(long position, long kept)
    {
        long period = 2 * (kept - 1), phase = ((position % period) + period) % period;
        return phase < kept - 1 ? (phase, 1, kept - 1 - phase) : (period - phase, -1, period - phase);
    }

    private static (long From, long Step, long Length) Wrapped(long position, long kept)
    {
        long phase = ((position % kept) + kept) % kept;
        return (phase, 1, kept - phase);
    }

    public override void Reference<T>(Movement spec, in Operands x) => spec.Reference<T>(x);

    public override object Permute(Node node, IReadOnlyList<int> permutation)
    {
        var attributes = (PadAttributes)node.Attributes;
        ReadOnlySpan<long> pads = attributes.Pads;
        int rank = permutation.Count;
        return attributes with { Pads = [.. Axes.Permuted(pads[..rank], permutation), .. Axes.Permuted(pads[rank..], permutation)] };
    }

    public override bool AcceptsViews(Node node) => !IsAlias(node);

    /// <summary>Padding by nothing moves nothing.</summary>
    public override bool IsAlias(Node node) => Array.TrueForAll(((PadAttributes)node.Attributes).Pads!, pad => pad == 0);

    private readonly record struct Segment(long To, long From, long Length, long Step);
}

/// <summary>What the new elements hold.</summary>
internal enum PadMode
{
    /// <summary>One value.</summary>
    Constant,
    /// <summary>The nearest element.</summary>
    Edge,
    /// <summary>The axis mirrored at its first and last element, which are not repeated.</summary>
    Reflect,
    /// <summary>The axis repeated.</summary>
    Wrap,
}

/// <param name="Mode">What the new elements hold.</param>
/// <param name="Pads">Elements before each axis, then after each; negative ones remove. Null while they are still input 1.</param>
/// <param name="ValueType">The type of the value.</param>
/// <param name="ValueBits">The little-endian bits of the value that <see cref="PadMode.Constant"/> fills with.</param>
internal sealed record PadAttributes(PadMode Mode, long[]? Pads, ElementType ValueType, ulong ValueBits)
{
    /// <summary>The value, of float data.</summary>
    public float Value => BitConverter.UInt32BitsToSingle((uint)ValueBits);
}
