using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Ops.Lrn;

internal sealed partial class LrnOp
{
    public override void Reference<T>(LrnSpec spec, in Operands x)
    {
        ReadOnlySpan<T> from = x.Input<T>(0);
        Span<T> to = x.Output<T>(0);
        for (long plane = 0; plane < spec.Outer * spec.Inner; plane++)
        {
            long first = plane / spec.Inner * spec.Channels * spec.Inner + plane % spec.Inner;
            for (int c = 0; c < spec.Channels; c++)
            {
                T squares = T.Zero;
                for (int k = Math.Max(0, c - spec.Before); k <= Math.Min(spec.Channels - 1, c + spec.After); k++)
                {
                    T near = from[(int)(first + k * spec.Inner)];
                    squares = T.FusedMultiplyAdd(near, near, squares);
                }
                int at = (int)(first + c * spec.Inner);
                to[at] = from[at] / Divisor(spec.Attributes, squares);
            }
        }
    }

    private static T Divisor<T>(LrnAttributes attributes, T squares) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (typeof(T) == typeof(float))
            return Unsafe.BitCast<float, T>(Divisor<Scalar, float>(attributes, Unsafe.BitCast<T, float>(squares)));
        double mean = double.CreateTruncating(squares) / attributes.Size;
        return T.CreateTruncating(Math.Pow(attributes.Bias + attributes.Alpha * mean, attributes.Beta));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Divisor<S, V>(LrnAttributes attributes, V squares) where S : struct, ISimd<V> where V : struct
    {
        V power = S.Fma(S.Create(attributes.Alpha / attributes.Size), squares, S.Create(attributes.Bias));
        if (attributes.Beta != 0.75f)
            return SimdMath.Pow<S, V>(power, S.Create(attributes.Beta));
        V root = S.Sqrt(power);
        return S.Mul(root, S.Sqrt(root));
    }
}
