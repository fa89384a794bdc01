namespace HybridConv.Ops.Pool;

/// <summary>The largest element of each channel; NaN where the channel holds one, minus infinity for an empty plane.</summary>
internal sealed partial class GlobalMaxPoolOp : GlobalPoolOp
{
    public override string Name => "GlobalMaxPool";

    public override void Reference<T>(GlobalPoolSpec spec, in Operands x)
    {
        ReadOnlySpan<T> image = x.Input<T>(0);
        Span<T> output = x.Output<T>(0);
        for (var at = new Walk(spec.Output.Shape, spec.Output.Strides, spec.Input.Strides); at.Live; at.Next())
        {
            T max = T.NegativeInfinity;
            for (var pixel = new Walk(spec.Plane, spec.PlaneStrides); pixel.Live; pixel.Next())
            {
                T value = image[at[1] + pixel[0]];
                if (value > max || T.IsNaN(value))
                    max = value;
            }
            output[at[0]] = max;
        }
    }
}
