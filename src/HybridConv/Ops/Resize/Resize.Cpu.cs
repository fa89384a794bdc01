using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Resize;

internal partial class ResizeOp : ITable<ResizeSpec, CpuInfo>
{
    private const int MaxRank = 4;

    public IReadOnlyList<Candidate<ResizeSpec, CpuInfo>> Rows => AllRows;

    private static readonly IReadOnlyList<Candidate<ResizeSpec, CpuInfo>> AllRows =
        [.. IsaDispatch.Rows<ResizeSpec>(isa => $"resize.channels.f32.{isa.Label()}", Fits, null, new Factory())];

    private static Fit Fits(ResizeSpec spec, CpuInfo machine)
    {
        int rank = spec.Axes.Length;
        if (spec.Type != ElementType.Float32)
            return Fit.No($"the elements are {spec.Type.Label()}, not float32");
        if (rank is < 2 or > MaxRank)
            return Fit.No($"the rank is {rank}, not 2 to {MaxRank}");
        if (!spec.Axes[^1].IsIdentity)
            return Fit.No("the last axis is resized");
        if (spec.Input.Strides[^1] != 1 || spec.Output.Strides[^1] != 1)
            return Fit.No("the elements of the last axis are not neighbours");
        double pixels = spec.Output.Shape.Product(0, rank - 1), vectors = Math.Ceiling(spec.Output.Shape[rank - 1] / (double)machine.Lanes), taps = 1;
        foreach (AxisTaps axis in spec.Axes.AsSpan(0, rank - 1))
            taps *= axis.Indices.Length / (double)Math.Max(1, axis.Outputs);
        return Fit.Yes(200 + (pixels * (5 + (vectors * (1 + taps)))));
    }

    private sealed class Factory : IKernelFactory<ResizeSpec>
    {
        public IKernel Bind<S, V>(ResizeSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct => new ResizeKernel<S, V>(spec);
    }
}

/// <summary>
/// Resizes all axes but the last, whose elements (the channels of a pixel) are neighbours: lanes are channels, and a task is a run of output rows.
/// The sums over taps nest as in the reference, so the bits are its bits.
/// </summary>
internal sealed unsafe class ResizeKernel<S, V> : ICpuKernel where S : struct, ISimd<V> where V : struct
{
    private const long ElementsPerTask = 16384;

    private readonly ResizeSpec spec;
    private readonly Level plane, row, pixel;
    private readonly int channels;
    private readonly long rows, rowsPerTask;

    public ResizeKernel(ResizeSpec spec)
    {
        this.spec = spec;
        int rank = spec.Axes.Length;
        channels = spec.Output.Shape.Dim(rank - 1);
        pixel = new Level(spec, rank - 2);
        row = new Level(spec, rank - 3);
        plane = new Level(spec, rank - 4);
        rows = spec.Output.Shape.Elements == 0 ? 0 : (long)plane.Outputs * row.Outputs;
        rowsPerTask = Math.Clamp(ElementsPerTask / Math.Max(1, (long)pixel.Outputs * channels), 1, Math.Max(1, rows));
    }

    public int Tasks => (int)((rows + rowsPerTask - 1) / rowsPerTask);
    public long ScratchBytes => 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        float* x = args.Input<float>(0), y = args.Output<float>();
        for (long r = task * rowsPerTask, end = Math.Min(rows, r + rowsPerTask); r < end; r++)
        {
            int h = (int)(r % row.Outputs), d = (int)(r / row.Outputs);
            float* to = y + (d * plane.To) + (h * row.To);
            for (int w = 0; w < pixel.Outputs; w++, to += pixel.To)
            {
                if (plane.IsOutside(d) || row.IsOutside(h) || pixel.IsOutside(w))
                    new Span<float>(to, channels).Fill(spec.Extrapolation);
                else if (spec.Copies)
                    Buffer.MemoryCopy(x + plane.First(d) + row.First(h) + pixel.First(w), to, channels * sizeof(float), channels * sizeof(float));
                else
                    Pixel(x, to, d, h, w);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Pixel(float* x, float* y, int d, int h, int w)
    {
        int c = 0;
        for (; c + S.Count <= channels; c += S.Count)
            S.Store(Planes(x + c, d, h, w, S.Count), y + c);
        if (c < channels)
            S.StorePartial(Planes(x + c, d, h, w, channels - c), y + c, channels - c);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Planes(float* x, int d, int h, int w, int lanes)
    {
        int k = plane.Starts[d], end = plane.Starts[d + 1];
        V sum = S.Mul(S.Create(plane.Weights[k]), Rows(x + plane.Offsets[k], h, w, lanes));
        for (k++; k < end; k++)
            sum = S.Fma(S.Create(plane.Weights[k]), Rows(x + plane.Offsets[k], h, w, lanes), sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Rows(float* x, int h, int w, int lanes)
    {
        int k = row.Starts[h], end = row.Starts[h + 1];
        V sum = S.Mul(S.Create(row.Weights[k]), Pixels(x + row.Offsets[k], w, lanes));
        for (k++; k < end; k++)
            sum = S.Fma(S.Create(row.Weights[k]), Pixels(x + row.Offsets[k], w, lanes), sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private V Pixels(float* x, int w, int lanes)
    {
        int k = pixel.Starts[w], end = pixel.Starts[w + 1];
        V sum = S.Mul(S.Create(pixel.Weights[k]), Load(x + pixel.Offsets[k], lanes));
        for (k++; k < end; k++)
            sum = S.Fma(S.Create(pixel.Weights[k]), Load(x + pixel.Offsets[k], lanes), sum);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static V Load(float* x, int lanes) => lanes == S.Count ? S.Load(x) : S.LoadPartial(x, lanes);

    /// <summary>The taps of one axis as offsets in the input; one tap of weight 1 for an axis that the tensor does not have.</summary>
    private sealed class Level
    {
        public Level(ResizeSpec spec, int axis)
        {
            if (axis < 0)
            {
                (Starts, Offsets, Weights) = ([0, 1], [0], [1]);
                return;
            }
            AxisTaps taps = spec.Axes[axis];
            Starts = taps.Starts;
            Offsets = Array.ConvertAll(taps.Indices, index => index * spec.Input.Strides[axis]);
            Weights = Array.ConvertAll(taps.Weights, weight => (float)weight);
            To = spec.Output.Strides[axis];
        }

        public int[] Starts { get; }
        public long[] Offsets { get; }
        public float[] Weights { get; }

        /// <summary>Elements between neighbours of the output.</summary>
        public long To { get; }

        public int Outputs => Starts.Length - 1;
        public bool IsOutside(int index) => Starts[index] == Starts[index + 1];
        public long First(int index) => Offsets[Starts[index]];
    }
}
