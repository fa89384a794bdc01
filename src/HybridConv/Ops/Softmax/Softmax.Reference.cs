using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Ops.Reduce;

namespace HybridConv.Ops.Softmax;

internal sealed partial class SoftmaxOp
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
                sum.Add(to[at] = Exp(from[at] - largest));
            }
            T total = sum.Sum();
            for (long i = 0; i < spec.Length; i++)
                to[(int)(first + i * spec.Inner)] /= total;
        }
    }

    private static T Exp<T>(T x) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        typeof(T) == typeof(float) ? Unsafe.BitCast<float, T>(SimdMath.Exp<Scalar, float>(Unsafe.BitCast<T, float>(x))) : T.Exp(x);
}
