using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Cast;

internal partial class CastOp : ITable<CastSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<CastSpec, CpuInfo>> Rows => field ??=
    [
        .. IsaDispatch.Rows<CastSpec>(isa => $"cast.widen.u8.{isa.Label()}", FitsWiden, null, new WidenFactory(), narrowest: Isa.V128),
        .. IsaDispatch.Rows<CastSpec>(isa => $"cast.loop.any.{isa.Label()}", (spec, machine) => Fit.Yes(50 + (spec.Count * 1.5 / machine.Threads)), null, new LoopFactory()),
    ];

    private static Fit FitsWiden(CastSpec spec, CpuInfo machine) =>
        spec is not { From: ElementType.UInt8, To: ElementType.Float32 } ? Fit.No($"{spec.From.Label()} becomes {spec.To.Label()}; this row makes float32 of uint8")
        : Fit.Yes(50 + (spec.Count * 0.15 / machine.Threads));

    private sealed class WidenFactory : IKernelFactory<CastSpec>
    {
        public IKernel Bind<S, V>(CastSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct => new WidenKernel(spec, machine.Threads);
    }

    private sealed class LoopFactory : IKernelFactory<CastSpec>
    {
        public IKernel Bind<S, V>(CastSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct => new LoopKernel(spec, machine.Threads);
    }

    /// <summary>Cuts the elements into tasks of equal size.</summary>
    private abstract class CastKernel(CastSpec spec, int threads) : ICpuKernel
    {
        private const long LeastElementsPerTask = 16 << 10;

        private readonly EvenSplit elements = new(spec.Count, spec.Count, LeastElementsPerTask, threads);

        public int Tasks => elements.Tasks;
        public long ScratchBytes => 0;

        public abstract void Run(in StepArgs args, int task);

        protected (nint Start, int Count) Part(int task)
        {
            (long start, long end) = elements.Of(task);
            return ((nint)start, (int)(end - start));
        }
    }

    /// <summary>The reference's loop over a part of the elements.</summary>
    private sealed unsafe class LoopKernel(CastSpec spec, int threads) : CastKernel(spec, threads)
    {
        private readonly CastSpec spec = spec;
        private readonly int from = spec.From.Size(), to = spec.To.Size();

        public override void Run(in StepArgs args, int task)
        {
            (nint start, int count) = Part(task);
            Convert<float>(spec, new ReadOnlySpan<byte>(args.Input<byte>(0) + (start * from), count * from), new Span<byte>(args.Output<byte>() + (start * to), count * to));
        }
    }

    /// <summary>Sixteen bytes at a time become four vectors of four floats.</summary>
    private sealed unsafe class WidenKernel(CastSpec spec, int threads) : CastKernel(spec, threads)
    {
        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public override void Run(in StepArgs args, int task)
        {
            (nint start, int count) = Part(task);
            byte* x = args.Input<byte>(0) + start;
            float* y = args.Output<float>() + start;
            int i = 0;
            for (; i <= count - Vector128<byte>.Count; i += Vector128<byte>.Count)
            {
                (Vector128<ushort> low, Vector128<ushort> high) = Vector128.Widen(Vector128.Load(x + i));
                Store(low, y + i);
                Store(high, y + i + Vector128<ushort>.Count);
            }
            for (; i < count; i++)
                y[i] = x[i];
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static void Store(Vector128<ushort> v, float* y)
        {
            (Vector128<uint> low, Vector128<uint> high) = Vector128.Widen(v);
            Vector128.Store(Vector128.ConvertToSingle(low.AsInt32()), y);
            Vector128.Store(Vector128.ConvertToSingle(high.AsInt32()), y + Vector128<uint>.Count);
        }
    }
}
