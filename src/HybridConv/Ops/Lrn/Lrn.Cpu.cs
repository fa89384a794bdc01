using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Planning;

namespace HybridConv.Ops.Lrn;

internal sealed partial class LrnOp : ITable<LrnSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<LrnSpec, CpuInfo>> Rows => field ??= [.. IsaDispatch.Rows<LrnSpec>(isa => $"lrn.channels.f32.{isa.Label()}", Fits, null, new Factory())];

    private static Fit Fits(LrnSpec spec, CpuInfo machine) =>
        spec.Inner == 1
            ? Fit.Yes(20 + spec.Outer * Math.Ceiling(spec.Channels / (double)machine.Lanes) * (10 + spec.Before + spec.After) * 0.4 / machine.Threads)
            : Fit.No($"the channels lie {spec.Inner} elements apart");

    private sealed class Factory : IKernelFactory<LrnSpec>
    {
        public IKernel Bind<S, V>(LrnSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct => new Kernel<S, V>(spec, machine);
    }

    /// <summary>One pixel at a time: its channels are copied between zeros, so that every window is whole; the zeros add nothing to a sum of squares.</summary>
    private sealed unsafe class Kernel<S, V>(LrnSpec spec, CpuInfo machine) : ICpuKernel where S : struct, ISimd<V> where V : struct
    {
        private const long LeastElementsPerTask = 2048;

        private readonly EvenSplit pixels = new(spec.Channels == 0 ? 0 : spec.Outer, spec.Outer * spec.Channels, LeastElementsPerTask, machine.Threads);

        public int Tasks => pixels.Tasks;

        public long ScratchBytes { get; } = (spec.Before + (long)spec.Channels + spec.After + S.Count) * sizeof(float);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        public void Run(in StepArgs args, int task)
        {
            int channels = spec.Channels, window = spec.Before + 1 + spec.After;
            float* padded = (float*)args.Scratch;
            NativeMemory.Clear(padded, (nuint)ScratchBytes);
            (long first, long end) = pixels.Of(task);
            for (long pixel = first; pixel < end; pixel++)
            {
                float* x = args.Input<float>(0) + pixel * channels, y = args.Output<float>() + pixel * channels;
                new ReadOnlySpan<float>(x, channels).CopyTo(new Span<float>(padded + spec.Before, channels));
                for (int c = 0; c < channels; c += S.Count)
                {
                    V squares = S.Create(0);
                    for (int k = 0; k < window; k++)
                    {
                        V near = S.Load(padded + c + k);
                        squares = S.Fma(near, near, squares);
                    }
                    V result = S.Div(S.Load(padded + spec.Before + c), Divisor<S, V>(spec.Attributes, squares));
                    S.StorePartial(result, y + c, Math.Min(S.Count, channels - c));
                }
            }
        }
    }
}
