using System.Numerics;

namespace HybridConv.Ops.Resize;

internal partial class ResizeOp
{
    public override void Reference<T>(ResizeSpec spec, in Operands x)
    {
        if (!spec.Copies)
        {
            ReadOnlySpan<T> source = x.Input<T>(0);
            Span<T> y = x.Output<T>(0);
            for (var walk = new Walk(spec.Output.Shape, spec.Output.Strides); walk.Live; walk.Next())
                y[walk[0]] = IsOutside(spec, walk) ? T.CreateTruncating(spec.Extrapolation) : Sum(spec, walk, 0, 0, source);
            return;
        }
        switch (Elements.SizeOf<T>(spec.Type))
        {
            case 1: Copy(spec, x, (byte)spec.Extrapolation); break;
            case 2: Copy(spec, x, (ushort)spec.Extrapolation); break;
            case 4: Copy(spec, x, spec.Type == ElementType.Float32 ? BitConverter.SingleToUInt32Bits(spec.Extrapolation) : (uint)spec.Extrapolation); break;
            default: Copy(spec, x, spec.Type == ElementType.Float32 ? BitConverter.DoubleToUInt64Bits(spec.Extrapolation) : (ulong)spec.Extrapolation); break;
        }
    }

    /// <summary>The sum over the taps of one axis and, nested in it, of all later ones: w0*x0, then fma(w, x, sum) for each further tap.</summary>
    private static T Sum<T>(ResizeSpec spec, in Walk walk, int axis, long offset, ReadOnlySpan<T> x) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (axis == spec.Axes.Length)
            return x[(int)offset];
        AxisTaps taps = spec.Axes[axis];
        int first = taps.Starts[walk.Index(axis)], end = taps.Starts[walk.Index(axis) + 1];
        long stride = spec.Input.Strides[axis];
        T sum = default;
        for (int k = first; k < end; k++)
        {
            T weight = T.CreateTruncating(taps.Weights[k]), value = Sum(spec, walk, axis + 1, offset + (taps.Indices[k] * stride), x);
            sum = k == first ? weight * value : T.FusedMultiplyAdd(weight, value, sum);
        }
        return sum;
    }

    private static void Copy<E>(ResizeSpec spec, in Operands x, E outside) where E : unmanaged
    {
        ReadOnlySpan<E> source = x.Input<E>(0);
        Span<E> y = x.Output<E>(0);
        for (var walk = new Walk(spec.Output.Shape, spec.Output.Strides); walk.Live; walk.Next())
        {
            long offset = 0;
            for (int axis = 0; axis < spec.Axes.Length; axis++)
                if (!IsOutside(spec.Axes[axis], walk.Index(axis)))
                    offset += spec.Axes[axis].Indices[spec.Axes[axis].Starts[walk.Index(axis)]] * spec.Input.Strides[axis];
            y[walk[0]] = IsOutside(spec, walk) ? outside : source[(int)offset];
        }
    }

    private static bool IsOutside(ResizeSpec spec, in Walk walk)
    {
        for (int axis = 0; axis < spec.Axes.Length; axis++)
            if (IsOutside(spec.Axes[axis], walk.Index(axis)))
                return true;
        return false;
    }

    private static bool IsOutside(AxisTaps taps, int index) => taps.Starts[index] == taps.Starts[index + 1];
}
