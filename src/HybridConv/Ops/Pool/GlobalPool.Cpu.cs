using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops.Reduce;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Pool;

internal sealed partial class GlobalAveragePoolOp : ITable<GlobalPoolSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<GlobalPoolSpec, CpuInfo>> Rows => field ??=
        [.. IsaDispatch.Rows<GlobalPoolSpec>(isa => $"globalaveragepool.channels.f32.{isa.Label()}", GlobalPoolFit.Of, null, new Factory())];

    private sealed class Factory : IKernelFactory<GlobalPoolSpec>
    {
        public IKernel Bind<S, V>(GlobalPoolSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new GlobalAverageKernel<S, V>(spec);
    }
}

internal sealed partial class GlobalMaxPoolOp : ITable<GlobalPoolSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<GlobalPoolSpec, CpuInfo>> Rows => field ??=
        [.. IsaDispatch.Rows<GlobalPoolSpec>(isa => $"globalmaxpool.channels.f32.{isa.Label()}", GlobalPoolFit.Of, null, new Factory())];

    private sealed class Factory : IKernelFactory<GlobalPoolSpec>
    {
        public IKernel Bind<S, V>(GlobalPoolSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new GlobalMaxKernel<S, V>(spec);
    }
}

internal static class GlobalPoolFit
{
    public static Fit Of(GlobalPoolSpec spec, CpuInfo machine)
    {
        if (ImageView.WhyNoVectors(spec.Attributes.ChannelsLast, spec.Input, spec.Output) is { } why)
            return Fit.No(why);
        if (PixelStride(spec.Input) < 0)
            return Fit.No("the pixels of the image are not evenly spaced");
        double vectors = Math.Ceiling(spec.Channels / (double)machine.Lanes);
        return Fit.Yes(spec.Input.Shape[ImageView.Batch] * (100 + vectors * spec.Pixels * 0.5) / machine.Threads);
    }

    /// <summary>Elements between neighbouring pixels of one image; -1 when they are not evenly spaced.</summary>
    public static long PixelStride(TensorView image) => image.Window(ImageView.Batch, 0, Math.Min(1, image.Shape[ImageView.Batch]))
        .Permuted([ImageView.Batch, ImageView.Depth, ImageView.Height, ImageView.Width, ImageView.Channel]).PixelStride;
}

/// <summary>Walks the evenly spaced pixels of channels-last images; a task is one image's block of a few vectors of channels.</summary>
internal abstract unsafe class GlobalPoolKernel<S, V>(GlobalPoolSpec spec) : ICpuKernel where S : struct, ISimd<V> where V : struct
{
    /// <summary>Vectors of channels that are walked together.</summary>
    protected const int Blocked = 4;

    private readonly int channels = (int)spec.Channels;
    private readonly int blocks = ((int)spec.Channels + Blocked * S.Count - 1) / (Blocked * S.Count);
    private readonly nint imageStride = (nint)spec.Input.Strides[ImageView.Batch], outputStride = (nint)spec.Output.Strides[ImageView.Batch];

    protected int Pixels { get; } = (int)spec.Pixels;
    protected nint PixelStride { get; } = (nint)GlobalPoolFit.PixelStride(spec.Input);

    public int Tasks { get; } = spec.Output.Shape.Elements == 0
        ? 0
        : (int)spec.Input.Shape[ImageView.Batch] * (((int)spec.Channels + Blocked * S.Count - 1) / (Blocked * S.Count));

    public abstract long ScratchBytes { get; }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        int image = task / blocks, c = task % blocks * Blocked * S.Count, end = Math.Min(channels, c + Blocked * S.Count);
        float* x = args.Input<float>(0) + image * imageStride, y = args.Output<float>() + image * outputStride;
        if (end - c == Blocked * S.Count)
            Block(x + c, y + c, args.Scratch);
        else
            for (; c < end; c += S.Count)
                Vector(x + c, y + c, Math.Min(S.Count, end - c), args.Scratch);
    }

    /// <summary>Reduces <see cref="Blocked"/> whole vectors of channels.</summary>
    protected abstract void Block(float* x, float* y, nint scratch);

    /// <summary>Reduces the first lanes of one vector of channels.</summary>
    protected abstract void Vector(float* x, float* y, int lanes, nint scratch);
}

/// <summary>The sums of <see cref="SumTree{T}"/> with a vector of channels in place of each number; scratch holds the lanes' totals.</summary>
internal sealed unsafe class GlobalAverageKernel<S, V>(GlobalPoolSpec spec) : GlobalPoolKernel<S, V>(spec) where S : struct, ISimd<V> where V : struct
{
    private const int Lanes = SumTree<float>.Lanes, BlockPixels = SumTree<float>.Lanes * SumTree<float>.Rows;

    public override long ScratchBytes => Lanes * Blocked * S.Count * sizeof(float);

    protected override void Block(float* x, float* y, nint scratch) => Block(x, y, (float*)scratch, Pixels, PixelStride);

    protected override void Vector(float* x, float* y, int lanes, nint scratch) => Vector(x, y, (float*)scratch, lanes, Pixels, PixelStride);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(float* x, float* y, float* totals, int pixels, nint stride)
    {
        V zero = S.Create(0);
        for (int i = 0; i < Lanes * Blocked; i++)
            S.Store(zero, totals + i * S.Count);
        for (int start = 0; start < pixels; start += BlockPixels)
        {
            int end = Math.Min(pixels, start + BlockPixels);
            for (int lane = 0; lane < Lanes; lane++)
            {
                V v0 = zero, v1 = zero, v2 = zero, v3 = zero;
                float* p = x + (start + lane) * stride;
                for (int i = start + lane; i < end; i += Lanes, p += Lanes * stride)
                {
                    v0 = S.Add(v0, S.Load(p));
                    v1 = S.Add(v1, S.Load(p + S.Count));
                    v2 = S.Add(v2, S.Load(p + 2 * S.Count));
                    v3 = S.Add(v3, S.Load(p + 3 * S.Count));
                }
                float* t = totals + lane * Blocked * S.Count;
                S.Store(S.Add(S.Load(t), v0), t);
                S.Store(S.Add(S.Load(t + S.Count), v1), t + S.Count);
                S.Store(S.Add(S.Load(t + 2 * S.Count), v2), t + 2 * S.Count);
                S.Store(S.Add(S.Load(t + 3 * S.Count), v3), t + 3 * S.Count);
            }
        }
        for (int vector = 0; vector < Blocked; vector++)
            S.Store(Mean(totals + vector * S.Count, Blocked * S.Count, pixels), y + vector * S.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vector(float* x, float* y, float* totals, int lanes, int pixels, nint stride)
    {
        V zero = S.Create(0);
        for (int i = 0; i < Lanes; i++)
            S.Store(zero, totals + i * S.Count);
        for (int start = 0; start < pixels; start += BlockPixels)
        {
            int end = Math.Min(pixels, start + BlockPixels);
            for (int lane = 0; lane < Lanes; lane += Blocked)
            {
                V v0 = zero, v1 = zero, v2 = zero, v3 = zero;
                int i = start + lane;
                for (; i + 3 < end; i += Lanes)
                {
                    float* p = x + i * stride;
                    v0 = S.Add(v0, Load(p, lanes));
                    v1 = S.Add(v1, Load(p + stride, lanes));
                    v2 = S.Add(v2, Load(p + 2 * stride, lanes));
                    v3 = S.Add(v3, Load(p + 3 * stride, lanes));
                }
                if (i < end)
                    v0 = S.Add(v0, Load(x + i * stride, lanes));
                if (i + 1 < end)
                    v1 = S.Add(v1, Load(x + (i + 1) * stride, lanes));
                if (i + 2 < end)
                    v2 = S.Add(v2, Load(x + (i + 2) * stride, lanes));
                float* t = totals + lane * S.Count;
                S.Store(S.Add(S.Load(t), v0), t);
                S.Store(S.Add(S.Load(t + S.Count), v1), t + S.Count);
                S.Store(S.Add(S.Load(t + 2 * S.Count), v2), t + 2 * S.Count);
                S.Store(S.Add(S.Load(t + 3 * S.Count), v3), t + 3 * S.Count);
            }
        }
        S.StorePartial(Mean(totals, S.Count, pixels), y, lanes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(float* p, int lanes) => lanes == S.Count ? S.Load(p) : S.LoadPartial(p, lanes);

    /// <summary>Folds the lanes' totals, which lie <paramref name="stride"/> floats apart.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Mean(float* totals, int stride, int pixels)
    {
        for (int half = Lanes / 2; half > 0; half /= 2)
            for (int lane = 0; lane < half; lane++)
                S.Store(S.Add(S.Load(totals + lane * stride), S.Load(totals + (lane + half) * stride)), totals + lane * stride);
        return S.Div(S.Load(totals), S.Create(Math.Max(1, pixels)));
    }
}

internal sealed unsafe class GlobalMaxKernel<S, V>(GlobalPoolSpec spec) : GlobalPoolKernel<S, V>(spec) where S : struct, ISimd<V> where V : struct
{
    public override long ScratchBytes => 0;

    protected override void Block(float* x, float* y, nint scratch) => Block(x, y, Pixels, PixelStride);

    protected override void Vector(float* x, float* y, int lanes, nint scratch) => Vector(x, y, lanes, Pixels, PixelStride);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Block(float* x, float* y, int pixels, nint stride)
    {
        V v0 = MaxFold.Start<S, V>(), v1 = v0, v2 = v0, v3 = v0;
        for (int i = 0; i < pixels; i++, x += stride)
        {
            v0 = MaxFold.Add<S, V>(v0, S.Load(x));
            v1 = MaxFold.Add<S, V>(v1, S.Load(x + S.Count));
            v2 = MaxFold.Add<S, V>(v2, S.Load(x + 2 * S.Count));
            v3 = MaxFold.Add<S, V>(v3, S.Load(x + 3 * S.Count));
        }
        S.Store(v0, y);
        S.Store(v1, y + S.Count);
        S.Store(v2, y + 2 * S.Count);
        S.Store(v3, y + 3 * S.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vector(float* x, float* y, int lanes, int pixels, nint stride)
    {
        V v = MaxFold.Start<S, V>();
        for (int i = 0; i < pixels; i++, x += stride)
            v = MaxFold.Add<S, V>(v, lanes == S.Count ? S.Load(x) : S.LoadPartial(x, lanes));
        S.StorePartial(v, y, lanes);
    }
}
