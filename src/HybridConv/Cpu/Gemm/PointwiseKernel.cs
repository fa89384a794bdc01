using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Ops;
using HybridConv.Planning;

namespace HybridConv.Cpu.Gemm;

/// <summary>
/// A product of pixels and constant weights: output[pixel, filter] = activation(bias[filter] + sum over channels of input[pixel, channel] * weight[filter, channel] + residual).
/// The pointwise convolution, the fully connected layer and the product with a constant matrix are all this.
/// </summary>
/// <param name="Panels">The panels of one group.</param>
/// <param name="Groups">Groups of channels that do not see each other.</param>
/// <param name="Grid">The pixels.</param>
/// <param name="Input">Where each output pixel's input pixel lies; its channels are contiguous.</param>
/// <param name="Output">Where output pixels lie; their channels are contiguous.</param>
/// <param name="Residual">Where residuals lie; their channels are contiguous.</param>
/// <param name="ResidualInput">The node's input that is added to the sums; -1 when none is.</param>
/// <param name="Activation">Applied last.</param>
internal sealed record PointwiseProblem(
    PanelLayout Panels, int Groups, LineGrid Grid, LineStrides Input, LineStrides Output, LineStrides Residual, int ResidualInput, Activation Activation)
{
    public int Channels => (int)Panels.Depth;

    public double Macs => (double)Grid.AllPixels * Panels.Filters * Panels.Depth * Groups;

    public Blocking Block(int threads)
    {
        double inputBytes = (double)Panels.Depth * sizeof(float), panelBytes = (Panels.Depth + 1.0) * 2 * Panels.Lanes * sizeof(float);
        int share = Math.Max(1, threads / Groups);
        return Grid.Lines == 1
            ? Blocking.Choose(Grid.Pixels, PointwiseKernel.Granule(Panels.Lanes), inputBytes, Panels.Panels, panelBytes, Macs / Groups, share)
            : Blocking.Choose(Grid.AllPixels == 0 ? 0 : Grid.Lines, 1, inputBytes * Grid.Pixels, Panels.Panels, panelBytes, Macs / Groups, share);
    }
}

internal static class PointwiseKernel
{
    /// <summary>Blocks of pixels are multiples of the largest tile's.</summary>
    public static int Granule(int lanes) => lanes == 16 ? 14 : 6;
}

/// <summary>
/// The packed product straight on the tensor: input pixels are the rows of the matrix where they stand, whatever their stride, and nothing is copied.
/// A task is a block of pixels by a range of panels of one group. No scratch memory.
/// </summary>
internal sealed unsafe class PointwiseKernel<S, V>(PointwiseProblem problem, int threads, PackedWeights packed) : ICpuKernel
    where S : struct, ISimd<V> where V : struct
{
    private readonly Blocking blocking = problem.Block(threads);

    public long ScratchBytes => 0;

    public int Tasks => problem.Groups * blocking.PixelBlocks * blocking.PanelRanges;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        (int rest, int block) = Math.DivRem(task, blocking.PixelBlocks);
        (int group, int range) = Math.DivRem(rest, blocking.PanelRanges);
        LineGrid grid = problem.Grid;
        bool cutsPixels = grid.Lines == 1;
        int start = block * blocking.BlockPixels, end = Math.Min(cutsPixels ? grid.Pixels : grid.Lines, start + blocking.BlockPixels);
        (int firstLine, int endLine, int firstPixel, int pixels) = cutsPixels ? (0, 1, start, end - start) : (start, end, 0, grid.Pixels);

        PanelLayout panels = problem.Panels;
        float* weights = (float*)(packed.Address + PanelFormat.HeaderBytes) + group * panels.Floats;
        float* input = args.Input<float>(0) + group * panels.Depth + firstPixel * problem.Input.Pixel;
        float* output = args.Output<float>() + group * panels.Filters + firstPixel * problem.Output.Pixel;
        float* residual = problem.ResidualInput < 0 ? null : args.Input<float>(problem.ResidualInput) + group * panels.Filters + firstPixel * problem.Residual.Pixel;
        var whole = default(Segment);
        var strip = new Strip
        {
            PixelBytes = problem.Input.Pixel * sizeof(float), OutputStride = problem.Output.Pixel, Segments = &whole, SegmentCount = 1, Depth = problem.Channels,
        };
        for (int panel = range * blocking.RangePanels, endPanel = Math.Min(panels.Panels, panel + blocking.RangePanels); panel < endPanel; panel++)
        {
            int channel = panel * 2 * S.Count;
            strip.Panel = weights + panels.Start(panel);
            strip.Wide = panels.IsWide(panel);
            for (int line = firstLine; line < endLine; line++)
            {
                nint added = residual is null ? 0 : (nint)(residual + problem.Residual.Start(grid, line) + channel);
                PanelProduct<S, V>.Multiply(strip, (byte*)(input + problem.Input.Start(grid, line)), output + problem.Output.Start(grid, line) + channel,
                    pixels, panels.Channels(panel), new Completion(added, problem.Residual.Pixel, problem.Activation));
            }
        }
    }
}
