using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Planning;

namespace HybridConv.Ops.BatchNormalization;

internal sealed partial class BatchNormalizationOp : ITable<BatchNormalizationSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<BatchNormalizationSpec, CpuInfo>> Rows { get; } =
        [.. IsaDispatch.Rows<BatchNormalizationSpec>(isa => $"batchnormalization.vector.f32.{isa.Label()}", Fits, (spec, _) => new FoldedFormat(spec.Epsilon), new Factory())];

    private static Fit Fits(BatchNormalizationSpec spec, CpuInfo machine)
    {
        if (!spec.AreConstant)
            return Fit.No("the parameters are not constants, or more than one output is asked for");
        double runs = spec.Loops.Shape.Elements / (double)Math.Max(1, spec.Loops.Inner);
        return Fit.Yes(20 + (4 * runs + runs * Math.Ceiling(spec.Loops.Inner / (double)machine.Lanes) * 1.5) / machine.Threads);
    }

    private sealed class Factory : IKernelFactory<BatchNormalizationSpec>
    {
        public IKernel Bind<S, V>(BatchNormalizationSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new ElementwiseKernel<ScaleAndShift, S, V>(new ScaleAndShift(spec.Activation), spec.Loops, machine, [0, packed!.Address, packed.Address + (nint)spec.Parameters * sizeof(float)]);
    }

    /// <summary>All factors, then all shifts.</summary>
    private sealed record FoldedFormat(float Epsilon) : PackFormat
    {
        private static readonly int[] Packed = [1, 2, 3, 4];

        public override IReadOnlyList<int> Operands => Packed;

        public override long Bytes(IReadOnlyList<Tensor?> operands) => 2 * operands[0]!.Bytes;

        public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
        {
            float[] scale = operands[0]!.ToArray<float>(), bias = operands[1]!.ToArray<float>(), mean = operands[2]!.ToArray<float>(), variance = operands[3]!.ToArray<float>();
            Span<float> to = MemoryMarshal.Cast<byte, float>(destination);
            for (int i = 0; i < scale.Length; i++)
            {
                (double factor, double shift) = Fold(scale[i], bias[i], mean[i], variance[i], Epsilon);
                to[i] = (float)factor;
                to[scale.Length + i] = (float)shift;
            }
        }
    }

    /// <summary>y = activation(fma(x, factor, shift)): factor and shift run along with x, or are single numbers. Other activations than clamps run over the finished row.</summary>
    private readonly unsafe struct ScaleAndShift(Activation activation) : IElementwiseRow
    {
        private readonly bool clamps = activation.Kind == ActivationKind.Clamp;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run<S, V>(float* y, float** x, nint* steps, nint n) where S : struct, ISimd<V> where V : struct
        {
            float* from = x[0], factor = x[1], shift = x[2];
            V min = S.Create(clamps ? activation.A : float.NegativeInfinity), max = S.Create(clamps ? activation.B : float.PositiveInfinity);
            nint i = 0;
            if (steps[1] == 0)
            {
                V f = S.Broadcast(factor), s = S.Broadcast(shift);
                for (; i <= n - S.Count; i += S.Count)
                    S.Store(Clamped<S, V>(S.Fma(S.Load(from + i), f, s), min, max), y + i);
                if (i < n)
                    S.StorePartial(Clamped<S, V>(S.Fma(S.LoadPartial(from + i, (int)(n - i)), f, s), min, max), y + i, (int)(n - i));
            }
            else
            {
                for (; i <= n - S.Count; i += S.Count)
                    S.Store(Clamped<S, V>(S.Fma(S.Load(from + i), S.Load(factor + i), S.Load(shift + i)), min, max), y + i);
                if (i < n)
                {
                    int rest = (int)(n - i);
                    V v = S.Fma(S.LoadPartial(from + i, rest), S.LoadPartial(factor + i, rest), S.LoadPartial(shift + i, rest));
                    S.StorePartial(Clamped<S, V>(v, min, max), y + i, rest);
                }
            }
            if (!clamps && !activation.IsNone)
                ActivationFunctions.Apply<S, V>(activation, y, n);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static V Clamped<S, V>(V v, V min, V max) where S : struct, ISimd<V> where V : struct => S.Min(max, S.Max(min, v));
    }
}
