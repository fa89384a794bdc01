using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Gather;

internal sealed partial class GatherOp : ITable<GatherSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<GatherSpec, CpuInfo>> Rows => field ??=
        [.. IsaDispatch.Rows<GatherSpec>(isa => $"gather.copy.any.{isa.Label()}", Fits, null, new Factory())];

    private static Fit Fits(GatherSpec spec, CpuInfo machine)
    {
        double rows = (double)spec.Outer * spec.Count;
        return Fit.Yes(50 + rows * (4 + spec.Inner * spec.Type.Size() * 0.1) / machine.Threads);
    }

    private sealed class Factory : IKernelFactory<GatherSpec>
    {
        public IKernel Bind<S, V>(GatherSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct => new Kernel(spec, machine.Threads);
    }

    /// <summary>Copies one run of <see cref="GatherSpec.Inner"/> elements per index; runs are dealt out to tasks in order.</summary>
    private sealed unsafe class Kernel(GatherSpec spec, int threads) : ICpuKernel
    {
        private const long LeastBytesPerTask = 32 << 10;

        private readonly long runBytes = spec.Inner * spec.Type.Size();
        private readonly EvenSplit runs = new(spec.Outer * spec.Count, spec.Outer * spec.Count * spec.Inner * spec.Type.Size(), LeastBytesPerTask, threads);

        public int Tasks => runs.Tasks;
        public long ScratchBytes => 0;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(in StepArgs args, int task)
        {
            byte* x = args.Input<byte>(0), y = args.Output<byte>();
            (long first, long last) = runs.Of(task);
            for (long run = first; run < last; run++)
            {
                (long outer, long i) = Math.DivRem(run, spec.Count);
                long position = spec.Position(spec.IndexType == ElementType.Int64 ? args.Input<long>(1)[i] : args.Input<int>(1)[i]);
                byte* from = x + ((outer * spec.AxisSize) + position) * runBytes, to = y + (run * runBytes);
                if (runBytes == sizeof(float))
                    *(float*)to = *(float*)from;
                else
                    Buffer.MemoryCopy(from, to, runBytes, runBytes);
            }
        }
    }
}
