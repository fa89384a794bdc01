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
    public IReadOnlyList<Candidate<BatchNormalizationSpec, CpuInfo>> Rows => field ??=
    [
        .. IsaDispatch.Rows<BatchNormalizationSpec>(
            isa => $"batchnormalization.narrow.f32.{isa.Label()}", FitsNarrow, (spec, _) => new FoldedFormat(spec.Epsilon, PeriodPixels), new NarrowFactory(), Isa.V128),
        .. IsaDispatch.Rows<BatchNormalizationSpec>(isa => $"batchnormalization.vector.f32.{isa.Label()}", Fits, (spec, _) => new FoldedFormat(spec.Epsilon, 1), new Factory()),
    ];

    private static Fit Fits(BatchNormalizationSpec spec, CpuInfo machine)
    {
        if (!spec.AreConstant)
            return Fit.No("the parameters are not constants, or more than one output is asked for");
        double runs = spec.Loops.Shape.Elements / (double)Math.Max(1, spec.Loops.Inner);
        return Fit.Yes(20 + (4 * runs + runs * Math.Ceiling(spec.Loops.Inner / (double)machine.Lanes) * 1.5) / machine.Threads);
    }

    /// <summary>Pixels of few channels: the line of all of them is cut into vectors, whose channels repeat after <see cref="PeriodPixels"/>.</summary>
    private static Fit FitsNarrow(BatchNormalizationSpec spec, CpuInfo machine)
    {
        if (!spec.AreConstant)
            return Fit.No("the parameters are not constants, or more than one output is asked for");
        LoopNest loops = spec.Loops;
        long channels = loops.Inner;
        if (loops.Shape.Rank != 2 || channels >= machine.Lanes || loops.Strides[2][0] != 0 || loops.InnerStride(2) != 1)
            return Fit.No($"the loops over {loops.Shape} are not pixels of fewer channels than a vector's {machine.Lanes}");
        if (loops.Strides[0][0] != channels || loops.Strides[1][0] != channels || loops.InnerStride(0) != 1 || loops.InnerStride(1) != 1)
            return Fit.No("the pixels do not follow each other");
        return Fit.Yes(20 + loops.Shape.Elements / (double)machine.Lanes * 1.5 / machine.Threads);
    }

    /// <summary>Pixels after which the channels, however many, stand in the same lanes of the widest vector again; a line of fewer would hardly fill its loop.</summary>
    private const int PeriodPixels = 8 * (int)Isa.V512;

    private sealed class NarrowFactory : IKernelFactory<BatchNormalizationSpec>
    {
        public IKernel Bind<S, V>(BatchNormalizationSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct
        {
            nint period = (nint)(PeriodPixels * spec.Loops.Inner);
            return new NarrowKernel<S, V>(new ScaleAndShift(spec.Activation), spec.Loops.Shape.Elements, period, machine, packed!.Address, packed.Address + period * sizeof(float));
        }
    }

    /// <summary>Runs lines of one period each, the last of which may be shorter. A task is a range of lines.</summary>
    private sealed unsafe class NarrowKernel<S, V>(ScaleAndShift row, long elements, nint period, CpuInfo machine, nint factors, nint shifts) : ICpuKernel
        where S : struct, ISimd<V> where V : struct
    {
        private const long LeastElementsPerTask = 8192;

        private readonly long lines = (elements + period - 1) / period;

        public int Tasks => (int)Math.Min(lines, Math.Clamp(elements / LeastElementsPerTask, 1, machine.Threads == 1 ? 1 : 4 * machine.Threads));

        public long ScratchBytes => 0;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(in StepArgs args, int task)
        {
            float** x = stackalloc float*[3];
            nint* steps = stackalloc nint[3];
            (steps[0], steps[1], steps[2]) = (1, 1, 1);
            x[1] = (float*)factors;
            x[2] = (float*)shifts;
            for (long line = lines * task / Tasks, end = lines * (task + 1) / Tasks; line < end; line++)
            {
                nint start = (nint)line * period;
                x[0] = args.Input<float>(0) + start;
                row.Run<S, V>(args.Output<float>() + start, x, steps, (nint)Math.Min(period, elements - start));
            }
        }
    }

    private sealed class Factory : IKernelFactory<BatchNormalizationSpec>
    {
        public IKernel Bind<S, V>(BatchNormalizationSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new ElementwiseKernel<ScaleAndShift, S, V>(new ScaleAndShift(spec.Activation), spec.Loops, machine, [0, packed!.Address, packed.Address + (nint)spec.Parameters * sizeof(float)]);
    }

    /// <summary>All factors, then all shifts.</summary>
    /// <param name="Epsilon">Added to variances.</param>
    /// <param name="Repeats">How often the factors stand one after the other, and the shifts.</param>
    private sealed record FoldedFormat(float Epsilon, int Repeats) : PackFormat
    {
        private static readonly int[] Packed = [1, 2, 3, 4];

        public override IReadOnlyList<int> Operands => Packed;

        public override long Bytes(IReadOnlyList<Tensor?> operands) => 2L * Repeats * operands[0]!.Bytes;

        public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
        {
            float[] scale = operands[0]!.ToArray<float>(), bias = operands[1]!.ToArray<float>(), mean = operands[2]!.ToArray<float>(), variance = operands[3]!.ToArray<float>();
            Span<float> to = MemoryMarshal.Cast<byte, float>(destination);
            int all = Repeats * scale.Length;
            for (int i = 0; i < all; i++)
            {
                int channel = i % scale.Length;
                (double factor, double shift) = Fold(scale[channel], bias[channel], mean[channel], variance[channel], Epsilon);
                to[i] = (float)factor;
                to[all + i] = (float)shift;
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
