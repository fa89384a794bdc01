using HybridConv.Graphs;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Pool;

/// <summary>The sum of each window in (depth, height, width) order, then one division; 0 where there is nothing to count.</summary>
internal sealed partial class AveragePoolOp : PoolOp
{
    public override string Name => "AveragePool";
    public override IReadOnlyList<int> Opsets { get; } = [1, 7, 10, 11, 19, 22];

    protected override bool Supports(ElementType type) => type == ElementType.Float32;

    public override object Read(NodeReader node)
    {
        PoolAttributes attributes = ReadWindow(node) with { CountIncludePad = node.Int("count_include_pad", 0) != 0 };
        node.RequireAllAsked();
        return attributes;
    }

    /// <summary>Zeros that a preceding Pad adds are counted, so own padding must be counted too, or not be there.</summary>
    public override object? WithPadsAdded(Node node, ReadOnlySpan<long> pads, float value)
    {
        var attributes = (PoolAttributes)node.Attributes;
        bool counts = attributes.CountIncludePad || Array.TrueForAll(attributes.Pads!, pad => pad == 0);
        return value == 0 && counts ? Padded(attributes, pads) is { } padded ? padded with { CountIncludePad = true } : null : null;
    }

    public override void Reference<T>(PoolSpec spec, in Operands x)
    {
        ReadOnlySpan<T> image = x.Input<T>(0);
        Span<T> output = x.Output<T>(0);
        for (var at = new Walk(spec.Output.Shape, spec.Output.Strides, spec.PlaneStrides); at.Live; at.Next())
        {
            int d = at.Index(ImageView.Depth), h = at.Index(ImageView.Height), w = at.Index(ImageView.Width);
            T sum = T.Zero;
            for (Taps tap = spec.Taps(d, h, w); tap.Next();)
                sum += image[at[1] + tap.Offset];
            long divisor = spec.Divisor(d, h, w);
            output[at[0]] = divisor == 0 ? T.Zero : sum / T.CreateChecked(divisor);
        }
    }
}
