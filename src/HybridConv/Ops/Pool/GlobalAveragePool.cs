using HybridConv.Ops.Reduce;

namespace HybridConv.Ops.Pool;

/// <summary>The mean of each channel: a <see cref="SumTree{T}"/> over its pixels in order, then one division; 0 for an empty plane.</summary>
internal sealed partial class GlobalAveragePoolOp : GlobalPoolOp
{
    public override string Name => "GlobalAveragePool";

    public override void Reference<T>(GlobalPoolSpec spec, in Operands x)
    {
        ReadOnlySpan<T> image = x.Input<T>(0);
        Span<T> output = x.Output<T>(0);
        for (var at = new Walk(spec.Output.Shape, spec.Output.Strides, spec.Input.Strides); at.Live; at.Next())
        {
            var tree = new SumTree<T>();
            for (var pixel = new Walk(spec.Plane, spec.PlaneStrides); pixel.Live; pixel.Next())
                tree.Add(image[at[1] + pixel[0]]);
            output[at[0]] = spec.Pixels == 0 ? T.Zero : tree.Sum() / T.CreateChecked(spec.Pixels);
        }
    }
}
