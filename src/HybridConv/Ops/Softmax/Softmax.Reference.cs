using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Ops.Reduce;

namespace HybridConv.Ops.Softmax;

internal sealed partial class SoftmaxOp<F>
{
    public override void Reference<T>(SoftmaxSpec spec, in Operands x)
    {
        ReadOnlySpan<T> from = x.Input<T>(0);
        Span<T> to = x.Output<T>(0);
        for (long run = 0; run < spec.Outer * spec.Inner; run++)
        {
            long first = run / spec.Inner * spec.Length * spec.Inner + run % spec.Inner;
            T largest = T.NegativeInfinity;
            for (long i = 0; i < spec.Length; i++)
                largest = T.Max(largest, from[(int)(first + i * spec.Inner)]);
            var sum = new SumTree<T>();
            for (long i = 0; i < spec.Length; i++)
            {
                int at = (int)(first + i * spec.Inner);
                T exponential = Exp(from[at] - largest);
                sum.Add(exponential);
                if (!F.IsLogarithm)
                    to[at] = exponential;
            }
            T total = F.IsLogarithm ? Log(sum.Sum()) : sum.Sum();
            for (long i = 0; i < spec.Length; i++)
            {
                int at = (int)(first + i * spec.Inner);
                to[at] = F.IsLogarithm ? from[at] - largest - total : to[at] / total;
            }
        }
    }

    private static T Exp<T>(T x) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>(SimdMath.Exp<Scalar, float>(Unsafe.BitCast<T, float>(x))) : T.Exp(x);

    private static T Log<T>(T x) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>(SimdMath.Log<Scalar, float>(Unsafe.BitCast<T, float>(x))) : T.Log(x);
}
