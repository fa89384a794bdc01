using System.Numerics;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Pool;

/// <summary>
/// The largest element of each window; NaN where the window holds one, and minus infinity (an integer's least value) where the whole window lies in padding.
/// Output 1, when asked for, is where that element lies in the dense channels-first input: the first of equals.
/// </summary>
internal sealed partial class MaxPoolOp : PoolOp
{
    public override string Name => "MaxPool";
    public override IReadOnlyList<int> Opsets { get; } = [1, 8, 10, 11, 12, 22];
    public override int MaxOutputs => 2;

    protected override bool Supports(ElementType type) => type is ElementType.Float32 or ElementType.UInt8 or ElementType.Int8;

    public override object Read(NodeReader node)
    {
        PoolAttributes attributes = ReadWindow(node) with { Indices = node.OutputCount > 1, ColumnMajor = node.Int("storage_order", 0) != 0 };
        node.RequireAllAsked();
        return attributes;
    }

    public override object? WithPadsAdded(Node node, ReadOnlySpan<long> pads, float value)
    {
        var attributes = (PoolAttributes)node.Attributes;
        return float.IsNegativeInfinity(value) && !attributes.Indices ? Padded(attributes, pads) : null;
    }

    public override void Reference<T>(PoolSpec spec, in Operands x)
    {
        switch (spec.Type)
        {
            case ElementType.UInt8:
                Reference(spec, x, byte.MinValue);
                break;
            case ElementType.Int8:
                Reference(spec, x, sbyte.MinValue);
                break;
            default:
                Reference(spec, x, T.NegativeInfinity);
                break;
        }
    }

    private static void Reference<E>(PoolSpec spec, in Operands x, E least) where E : unmanaged, INumber<E>
    {
        ReadOnlySpan<E> image = x.Input<E>(0);
        Span<E> output = x.Output<E>(0);
        bool indices = spec.Attributes.Indices && x.OutputCount > 1;
        Span<long> positions = indices ? x.Output<long>(1) : default;
        long plane = 0;
        int pixel = 0, pixels = (int)spec.Output.Shape.Product(ImageView.Depth, spec.Output.Shape.Rank);
        for (var at = new Walk(spec.Output.Shape, spec.Output.Strides, spec.PlaneStrides); at.Live; at.Next())
        {
            E max = least;
            long position = -1;
            for (Taps tap = spec.Taps(at.Index(ImageView.Depth), at.Index(ImageView.Height), at.Index(ImageView.Width)); tap.Next();)
            {
                E value = image[at[1] + tap.Offset];
                if (value > max || E.IsNaN(value) && !E.IsNaN(max) || position < 0)
                {
                    max = value;
                    position = Position(spec, tap);
                }
            }
            output[at[0]] = max;
            if (indices)
                positions[(int)(plane * pixels) + pixel] = plane * spec.Input.Shape.Product(ImageView.Depth, spec.Input.Shape.Rank) + Math.Max(0, position);
            if (++pixel == pixels)
                (pixel, plane) = (0, plane + 1);
        }
    }

    /// <summary>Where a tap lies in its channel's plane.</summary>
    private static long Position(PoolSpec spec, in Taps tap)
    {
        Shape image = spec.Input.Shape;
        return spec.Attributes.ColumnMajor
            ? tap.InputD + image[ImageView.Depth] * (tap.InputH + image[ImageView.Height] * (long)tap.InputW)
            : tap.InputW + image[ImageView.Width] * (tap.InputH + image[ImageView.Height] * (long)tap.InputD);
    }
}
