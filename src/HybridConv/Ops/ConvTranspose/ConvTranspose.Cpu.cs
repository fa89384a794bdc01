using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.ConvTranspose;

internal sealed partial class ConvTransposeOp : ITable<ConvTransposeSpec, CpuInfo>
{
    /// <summary>The most output positions of an axis: what reaches each is listed when the kernel is bound.</summary>
    private const int MaxListed = 1 << 16;

    public IReadOnlyList<Candidate<ConvTransposeSpec, CpuInfo>> Rows => field ??=
    [
        .. IsaDispatch.Rows<ConvTransposeSpec>(isa => $"convtranspose.phases.f32.{isa.Label()}", Fits, Panels, new PhasesFactory()),
    ];

    /// <summary>Panels for each group: positions of the reduction count filter positions, then channels.</summary>
    private static PanelFormat Panels(ConvTransposeSpec spec, Isa isa)
    {
        int channels = spec.InputChannels / spec.Group, filters = spec.OutputChannels / spec.Group;
        return new PanelFormat((int)isa, spec.Group, filters, spec.Taps, channels, spec.Taps, 1, (long)filters * spec.Taps, spec.HasBias ? 2 : -1,
            SpacedGroups: (long)channels * filters * spec.Taps);
    }

    private static Fit Fits(ConvTransposeSpec spec, CpuInfo machine)
    {
        if (!spec.HasConstantWeights)
            return Fit.No("weights or bias are not constants");
        if (ImageView.WhyNoVectors(spec.Attributes.ChannelsLast, spec.Input, spec.Output, spec.Residual) is { } why)
            return Fit.No(why);
        foreach (ScatterWindow window in spec.Windows)
            if (window.Output > MaxListed)
                return Fit.No($"an axis has {window.Output} output positions; at most {MaxListed} are listed");
        double macs = spec.Macs / Panels(spec, machine.Isa).Layout.Efficiency;
        return Fit.Yes((1000 + 2 * macs / Prediction.MacsPerNanosecond(machine.Isa)) / machine.Threads);
    }

    private sealed class PhasesFactory : IKernelFactory<ConvTransposeSpec>
    {
        public IKernel Bind<S, V>(ConvTransposeSpec spec, CpuInfo machine, PackedWeights? packed) where S : struct, ISimd<V> where V : struct =>
            new PhasesKernel<S, V>(spec, Panels(spec, machine.Isa).Layout, machine.Threads, packed!);
    }
}

/// <summary>
/// Each run of each output line is a packed product over the input pixels that reach it: a segment of the reduction per filter position. Outputs that nothing
/// reaches are their bias. A task is a block of output lines by a range of panels of one group.
/// </summary>
internal sealed unsafe class PhasesKernel<S, V> : ICpuKernel where S : struct, ISimd<V> where V : struct
{
    private const int ResidualInput = 3;

    private readonly ConvTransposeSpec spec;
    private readonly PanelLayout panels;
    private readonly PackedWeights packed;
    private readonly Blocking blocking;
    private readonly Reach[][] slices, rows;
    private readonly PhaseRun[] runs;
    private readonly int lines;

    public PhasesKernel(ConvTransposeSpec spec, PanelLayout panels, int threads, PackedWeights packed)
    {
        (this.spec, this.panels, this.packed) = (spec, panels, packed);
        ScatterWindow depth = spec.Windows[0], height = spec.Windows[1], width = spec.Windows[2];
        slices = [.. Enumerable.Range(0, depth.Output).Select(d => Phases.At(depth, d))];
        rows = [.. Enumerable.Range(0, height.Output).Select(h => Phases.At(height, h))];
        runs = Phases.Of(width);
        lines = spec.Output.Shape.Elements == 0 ? 0 : spec.Output.Shape.Dim(ImageView.Batch) * depth.Output * height.Output;
        double lineBytes = (double)width.Input * Channels * sizeof(float), panelBytes = (panels.Depth + 1.0) * 2 * S.Count * sizeof(float);
        blocking = Blocking.Choose(lines, 1, lineBytes, panels.Panels, panelBytes, spec.Macs / spec.Group, Math.Max(1, threads / spec.Group));
    }

    private int Channels => spec.InputChannels / spec.Group;

    public int Tasks => spec.Group * blocking.PixelBlocks * blocking.PanelRanges;

    /// <summary>The segments of one run.</summary>
    public long ScratchBytes => (long)spec.Taps * sizeof(Segment);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        (int rest, int block) = Math.DivRem(task, blocking.PixelBlocks);
        (int group, int range) = Math.DivRem(rest, blocking.PanelRanges);
        int first = block * blocking.BlockPixels, end = Math.Min(lines, first + blocking.BlockPixels);
        float* weights = (float*)(packed.Address + PanelFormat.HeaderBytes) + group * panels.Floats;
        for (int panel = range * blocking.RangePanels, endPanel = Math.Min(panels.Panels, panel + blocking.RangePanels); panel < endPanel; panel++)
            for (int line = first; line < end; line++)
                Line(args, group, panel, weights + panels.Start(panel), line);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Line(in StepArgs args, int group, int panel, float* weights, int line)
    {
        (int n, int position) = Math.DivRem(line, slices.Length * rows.Length);
        (int d, int h) = Math.DivRem(position, rows.Length);
        int filter = group * panels.Filters + panel * 2 * S.Count;
        float* input = args.Input<float>(0) + n * spec.Input.Strides[ImageView.Batch] + group * Channels;
        float* output = args.Output<float>() + Start(spec.Output, n, d, h) + filter;
        float* residual = spec.Residual is null ? null : args.Input<float>(ResidualInput) + Start(spec.Residual, n, d, h) + filter;
        nint pixel = (nint)spec.Output.Strides[ImageView.Width], residualPixel = (nint)(spec.Residual?.Strides[ImageView.Width] ?? 0);
        int stride = spec.Windows[2].Stride;
        var strip = new Strip
        {
            PixelBytes = (nint)spec.Input.Strides[ImageView.Width] * sizeof(float), Segments = (Segment*)args.Scratch, Depth = Channels,
            Panel = weights, Wide = panels.IsWide(panel), OutputStride = stride * pixel,
        };
        foreach (PhaseRun run in runs)
        {
            strip.SegmentCount = Segments(strip.Segments, slices[d], rows[h], run.Reaches, panels.Width(panel));
            nint added = residual is null ? 0 : (nint)(residual + run.First * residualPixel);
            PanelProduct<S, V>.Multiply(strip, (byte*)input, output + run.First * pixel, run.Count, panels.Channels(panel),
                new Completion(added, stride * residualPixel, spec.Attributes.Activation));
        }
    }

    /// <summary>Writes a segment for each filter position that reaches a run, in their order; at most one for each position of the filter.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private int Segments(Segment* segments, Reach[] depth, Reach[] height, Reach[] width, int panelWidth)
    {
        int count = 0;
        long[] strides = spec.Input.Strides;
        foreach (Reach d in depth)
            foreach (Reach h in height)
                foreach (Reach w in width)
                {
                    long tap = ((long)d.Tap * spec.Windows[1].Kernel + h.Tap) * spec.Windows[2].Kernel + w.Tap;
                    long from = d.Source * strides[ImageView.Depth] + h.Source * strides[ImageView.Height] + w.Source * strides[ImageView.Width];
                    segments[count++] = new Segment((nint)from * sizeof(float), (nint)(tap * Channels * panelWidth * sizeof(float)));
                }
        return count;
    }

    private static nint Start(TensorView image, int n, int d, int h) =>
        (nint)(n * image.Strides[ImageView.Batch] + d * image.Strides[ImageView.Depth] + h * image.Strides[ImageView.Height]);
}
