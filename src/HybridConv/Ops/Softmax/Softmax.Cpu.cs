using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Ops.Reduce;
using HybridConv.Planning;

namespace HybridConv.Ops.Softmax;

internal sealed partial class SoftmaxOp<F> : ITable<SoftmaxSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<SoftmaxSpec, CpuInfo>> Rows => field ??=
        [.. IsaDispatch.Rows<SoftmaxSpec>(isa => $"{F.Name.ToLowerInvariant()}.rows.f32.{isa.Label()}", Fits, null, new Factory())];

    private static Fit Fits(SoftmaxSpec spec, CpuInfo machine) =>
        spec.Inner == 1
            ? Fit.Yes(20 + spec.Outer * (50 + Math.Ceiling(spec.Length / (double)machine.Lanes) * 10) / machine.Threads)
            : Fit.No($"the elements of a run lie {spec.Inner} apart");

    private sealed class Factory : IKernelFactory<SoftmaxSpec>
    {
        public IKernel Bind<S, V>(SoftmaxSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct => new Kernel<S, V>(spec, machine);
    }

    /// <summary>Contiguous runs; a task takes some of them whole.</summary>
    private sealed unsafe class Kernel<S, V>(SoftmaxSpec spec, CpuInfo machine) : ICpuKernel where S : struct, ISimd<V> where V : struct
    {
        private const long LeastElementsPerTask = 4096;

        private readonly EvenSplit runs = new(spec.Length == 0 ? 0 : spec.Outer, spec.Outer * spec.Length, LeastElementsPerTask, machine.Threads);
        private readonly nint n = (nint)spec.Length;

        public int Tasks => runs.Tasks;
        public long ScratchBytes => F.IsLogarithm ? spec.Length * sizeof(float) : 0;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(in StepArgs args, int task)
        {
            (long first, long end) = runs.Of(task);
            for (long run = first; run < end; run++)
            {
                float* y = args.Output<float>() + run * n;
                One(args.Input<float>(0) + run * n, y, F.IsLogarithm ? (float*)args.Scratch : y, n);
            }
        }

        /// <summary>One run, with room for its exponentials.</summary>
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        private static void One(float* x, float* y, float* exponentials, nint n)
        {
            V largest = S.Create(VectorMax.Contiguous<S, V>(x, n));
            nint i = 0;
            for (; i <= n - S.Count; i += S.Count)
                S.Store(SimdMath.Exp<S, V>(S.Sub(S.Load(x + i), largest)), exponentials + i);
            if (i < n)
                S.StorePartial(SimdMath.Exp<S, V>(S.Sub(S.LoadPartial(x + i, (int)(n - i)), largest)), exponentials + i, (int)(n - i));
            V sum = S.Create(VectorSumTree.Contiguous<S, V>(exponentials, n));
            if (F.IsLogarithm)
                sum = SimdMath.Log<S, V>(sum);
            for (i = 0; i <= n - S.Count; i += S.Count)
                S.Store(F.IsLogarithm ? S.Sub(S.Sub(S.Load(x + i), largest), sum) : S.Div(S.Load(exponentials + i), sum), y + i);
            if (i == n)
                return;
            int rest = (int)(n - i);
            S.StorePartial(F.IsLogarithm ? S.Sub(S.Sub(S.LoadPartial(x + i, rest), largest), sum) : S.Div(S.LoadPartial(exponentials + i, rest), sum), y + i, rest);
        }
    }
}
