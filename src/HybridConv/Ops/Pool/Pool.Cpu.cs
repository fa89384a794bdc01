using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Pool;

/// <summary>What a pool does with the elements of a window, taken in order.</summary>
internal interface IPoolFold
{
    static abstract V Start<S, V>() where S : struct, ISimd<V> where V : struct;

    static abstract V Add<S, V>(V sum, V x) where S : struct, ISimd<V> where V : struct;

    static abstract V Finish<S, V>(V sum, float divisor) where S : struct, ISimd<V> where V : struct;
}

/// <summary>The maximum; NaN once there was one.</summary>
internal readonly struct MaxFold : IPoolFold
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<S, V>() where S : struct, ISimd<V> where V : struct => S.Create(float.NegativeInfinity);

    /// <remarks>The running maximum stands where <see cref="ILanewise{V}.Max"/> keeps NaN; a NaN in x is selected.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V sum, V x) where S : struct, ISimd<V> where V : struct => S.Select(S.Equal(x, x), S.Max(x, sum), x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Finish<S, V>(V sum, float divisor) where S : struct, ISimd<V> where V : struct => sum;
}

/// <summary>The sum from +0, divided once.</summary>
internal readonly struct AverageFold : IPoolFold
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Start<S, V>() where S : struct, ISimd<V> where V : struct => S.Create(0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Add<S, V>(V sum, V x) where S : struct, ISimd<V> where V : struct => S.Add(sum, x);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static V Finish<S, V>(V sum, float divisor) where S : struct, ISimd<V> where V : struct => S.Div(sum, S.Create(divisor));
}

/// <summary>
/// Pools channels-last images: lanes are channels, four vectors of them at a time; a task is a run of output rows.
/// Reads and writes stay inside the views: tails of channels are loaded and stored in part.
/// </summary>
internal sealed unsafe class PoolKernel<S, V, F> : ICpuKernel where S : struct, ISimd<V> where V : struct where F : struct, IPoolFold
{
    private const int Blocked = 4, ElementsPerTask = 16384;

    private readonly PoolSpec spec;
    private readonly Window depth, height, width;
    private readonly nint inputD, inputH, inputW, outputW;
    private readonly int channels, rows, rowsPerTask;

    public PoolKernel(PoolSpec spec)
    {
        this.spec = spec;
        (depth, height, width) = (spec.Windows[0], spec.Windows[1], spec.Windows[2]);
        long[] strides = spec.Input.Strides;
        (inputD, inputH, inputW) = ((nint)strides[ImageView.Depth], (nint)strides[ImageView.Height], (nint)strides[ImageView.Width]);
        outputW = (nint)spec.Output.Strides[ImageView.Width];
        channels = (int)spec.Channels;
        rows = spec.Output.Shape.Elements == 0 ? 0 : (int)(spec.Output.Shape[ImageView.Batch] * depth.Output * height.Output);
        long rowElements = (long)width.Output * channels * depth.Kernel * height.Kernel * width.Kernel;
        rowsPerTask = (int)Math.Clamp(ElementsPerTask / Math.Max(1, rowElements), 1, Math.Max(1, rows));
    }

    public int Tasks => (rows + rowsPerTask - 1) / rowsPerTask;
    public long ScratchBytes => 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        float* x = args.Input<float>(0), y = args.Output<float>();
        ReadOnlySpan<long> from = spec.Input.Strides, to = spec.Output.Strides;
        for (int row = task * rowsPerTask, end = Math.Min(rows, row + rowsPerTask); row < end; row++)
        {
            int h = row % height.Output, d = row / height.Output % depth.Output, n = row / height.Output / depth.Output;
            Row(x + n * from[ImageView.Batch], y + n * to[ImageView.Batch] + d * to[ImageView.Depth] + h * to[ImageView.Height], d, h);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Row(float* image, float* y, int d, int h)
    {
        int firstD = depth.FirstTap(d), firstH = height.FirstTap(h);
        int countD = Math.Max(0, depth.EndTap(d) - firstD), countH = Math.Max(0, height.EndTap(h) - firstH);
        nint stepD = depth.Dilation * inputD, stepH = height.Dilation * inputH, stepW = width.Dilation * inputW;
        float* corner = image + (depth.Start(d) + (nint)firstD * depth.Dilation) * inputD + (height.Start(h) + (nint)firstH * height.Dilation) * inputH;
        for (int w = 0; w < width.Output; w++, y += outputW)
        {
            int firstW = width.FirstTap(w), countW = Math.Max(0, width.EndTap(w) - firstW);
            float* taps = corner + (width.Start(w) + (nint)firstW * width.Dilation) * inputW;
            float divisor = Math.Max(1, spec.Divisor(d, h, w));
            bool empty = countD == 0 || countH == 0 || countW == 0;
            Pixel(taps, y, empty ? 0 : countD, countH, countW, stepD, stepH, stepW, channels, divisor);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Pixel(
        float* taps, float* y, int countD, int countH, int countW, nint stepD, nint stepH, nint stepW, int channels, float divisor)
    {
        int c = 0;
        for (; c + Blocked * S.Count <= channels; c += Blocked * S.Count)
        {
            V v0 = F.Start<S, V>(), v1 = v0, v2 = v0, v3 = v0;
            float* plane = taps + c;
            for (int d = 0; d < countD; d++, plane += stepD)
            {
                float* line = plane;
                for (int h = 0; h < countH; h++, line += stepH)
                {
                    float* p = line;
                    for (int w = 0; w < countW; w++, p += stepW)
                    {
                        v0 = F.Add<S, V>(v0, S.Load(p));
                        v1 = F.Add<S, V>(v1, S.Load(p + S.Count));
                        v2 = F.Add<S, V>(v2, S.Load(p + 2 * S.Count));
                        v3 = F.Add<S, V>(v3, S.Load(p + 3 * S.Count));
                    }
                }
            }
            S.Store(F.Finish<S, V>(v0, divisor), y + c);
            S.Store(F.Finish<S, V>(v1, divisor), y + c + S.Count);
            S.Store(F.Finish<S, V>(v2, divisor), y + c + 2 * S.Count);
            S.Store(F.Finish<S, V>(v3, divisor), y + c + 3 * S.Count);
        }
        for (; c < channels; c += S.Count)
        {
            int lanes = Math.Min(S.Count, channels - c);
            V v = F.Start<S, V>();
            float* plane = taps + c;
            for (int d = 0; d < countD; d++, plane += stepD)
            {
                float* line = plane;
                for (int h = 0; h < countH; h++, line += stepH)
                {
                    float* p = line;
                    for (int w = 0; w < countW; w++, p += stepW)
                        v = F.Add<S, V>(v, lanes == S.Count ? S.Load(p) : S.LoadPartial(p, lanes));
                }
            }
            S.StorePartial(F.Finish<S, V>(v, divisor), y + c, lanes);
        }
    }
}

/// <summary>The rows of a pool: one per vector width.</summary>
internal sealed class PoolRows<F> : IKernelFactory<PoolSpec> where F : struct, IPoolFold
{
    public static IReadOnlyList<Candidate<PoolSpec, CpuInfo>> Of(string op) =>
        [.. IsaDispatch.Rows<PoolSpec>(isa => $"{op}.channels.f32.{isa.Label()}", Fits, null, new PoolRows<F>())];

    public IKernel Bind<S, V>(PoolSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
        new PoolKernel<S, V, F>(spec);

    private static Fit Fits(PoolSpec spec, CpuInfo machine)
    {
        if (spec.Type != ElementType.Float32)
            return Fit.No($"the elements are {spec.Type.Label()}, not float32");
        if (spec.Attributes.Indices)
            return Fit.No("positions of maxima are asked for");
        if (ImageView.WhyNoVectors(spec.Attributes.ChannelsLast, spec.Input, spec.Output) is { } why)
            return Fit.No(why);
        double taps = 1;
        foreach (Window window in spec.Windows)
            taps *= window.Kernel;
        double pixels = spec.Output.Shape.Elements / Math.Max(1.0, spec.Channels);
        double vectors = Math.Ceiling(spec.Channels / (double)machine.Lanes);
        return Fit.Yes(pixels * (5 + vectors * taps * 0.35) / machine.Threads);
    }
}
