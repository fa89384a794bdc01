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
/// <param name="Outputs">The tensors that share a group's filters, in order; more than one only where there is one group.</param>
/// <param name="Residual">Where residuals lie; their channels are contiguous.</param>
/// <param name="ResidualInput">The node's input that is added to the sums; -1 when none is.</param>
/// <param name="Activation">Applied last.</param>
internal sealed record PointwiseProblem(
    PanelLayout Panels, int Groups, LineGrid Grid, LineStrides Input, IReadOnlyList<PointwiseOutput> Outputs, LineStrides Residual, int ResidualInput, Activation Activation)
{
    /// <summary>What happens to the input first, where there is one group; null when nothing does.</summary>
    public PixelScaling? Scaling { get; init; }

    public int Channels => (int)Panels.Depth;

    public double Macs => (double)Grid.AllPixels * Panels.Filters * Panels.Depth * Groups;

    public Blocking Block(int threads)
    {
        double inputBytes = (double)Panels.Depth * sizeof(float), panelBytes = (Panels.Depth + 1.0) * 2 * Panels.Lanes * sizeof(float);
        int share = Math.Max(1, threads / Groups);
        Blocking blocking = Grid.Lines == 1
            ? Blocking.Choose(Grid.Pixels, PointwiseKernel.Granule(Panels.Lanes), inputBytes, Panels.Panels, panelBytes, Macs / Groups, share)
            : Blocking.Choose(Grid.AllPixels == 0 ? 0 : Grid.Lines, 1, inputBytes * Grid.Pixels, Panels.Panels, panelBytes, Macs / Groups, share);
        return Grid.AllPixels == 1 ? blocking.WithRangesOf(PixelTile.Panels, Panels.Panels) : blocking;
    }
}

/// <summary>One of the tensors that the filters' results go to.</summary>
/// <param name="Filters">The channels of a pixel, of each group.</param>
/// <param name="Lines">Where its pixels lie; their channels are contiguous.</param>
internal readonly record struct PointwiseOutput(int Filters, LineStrides Lines);

internal static class PointwiseKernel
{
    /// <summary>Pixels this far apart fall into one set of the first-level cache, which then holds no more than 8 of them: tiles of 14 would evict themselves.</summary>
    public const int CollidingBytes = 4096;

    /// <summary>Pixels of a tile that is used then.</summary>
    public const int CollidingPixels = 7;

    /// <summary>Blocks of pixels are multiples of the largest tile's.</summary>
    public static int Granule(int lanes) => lanes == 16 ? 14 : 6;
}

/// <summary>
/// The packed product straight on the tensor: input pixels are the rows of the matrix where they stand, whatever their stride, and nothing is copied, unless they
/// are scaled first: then a block of them is, into scratch memory, and all panels read it there. A task is a block of pixels by a range of panels of one group.
/// A panel whose filters belong to two outputs is computed for each.
/// </summary>
internal sealed unsafe class PointwiseKernel<S, V> : ICpuKernel where S : struct, ISimd<V> where V : struct
{
    private readonly PointwiseProblem problem;
    private readonly PackedWeights packed;
    private readonly Blocking blocking;
    private readonly PointwiseOutput[] outputs;
    private readonly bool cutsPixels;

    /// <summary>Pixels of each of a block's lines that are scaled at a time: all, unless a block is one line that is longer than what the cache holds.</summary>
    private readonly int scaledPixels;

    public PointwiseKernel(PointwiseProblem problem, int threads, PackedWeights packed)
    {
        (this.problem, this.packed) = (problem, packed);
        blocking = problem.Block(threads);
        outputs = [.. problem.Outputs];
        cutsPixels = problem.Grid.Lines == 1;
        long cached = Math.Max(PointwiseKernel.Granule(S.Count), Blocking.CacheBytes / sizeof(float) / Math.Max(1, PixelScaling.Stride(problem.Channels)));
        scaledPixels = cutsPixels ? blocking.BlockPixels : blocking.BlockPixels > 1 ? problem.Grid.Pixels : (int)Math.Min(cached, problem.Grid.Pixels);
    }

    public long ScratchBytes => problem.Scaling is null ? 0 : (cutsPixels ? 1L : blocking.BlockPixels) * scaledPixels * PixelScaling.Stride(problem.Channels) * sizeof(float);

    public int Tasks => problem.Groups * blocking.PixelBlocks * blocking.PanelRanges;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        (int rest, int block) = Math.DivRem(task, blocking.PixelBlocks);
        (int group, int range) = Math.DivRem(rest, blocking.PanelRanges);
        LineGrid grid = problem.Grid;
        int start = block * blocking.BlockPixels, end = Math.Min(cutsPixels ? grid.Pixels : grid.Lines, start + blocking.BlockPixels);
        (int firstLine, int endLine, int firstPixel, int pixels) = cutsPixels ? (0, 1, start, end - start) : (start, end, 0, grid.Pixels);
        int step = problem.Scaling is null ? pixels : scaledPixels;
        for (int done = 0; done < pixels; done += step)
            Multiply(args, group, range, firstLine, endLine, firstPixel + done, Math.Min(step, pixels - done));
    }

    /// <summary>The pixels [firstPixel, firstPixel + pixels) of some lines by a range of panels of one group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Multiply(in StepArgs args, int group, int range, int firstLine, int endLine, int firstPixel, int pixels)
    {
        LineGrid grid = problem.Grid;
        PanelLayout panels = problem.Panels;
        float* weights = (float*)(packed.Address + PanelFormat.HeaderBytes) + group * panels.Floats;
        float* input = args.Input<float>(0) + group * panels.Depth + firstPixel * problem.Input.Pixel;
        var whole = default(Segment);
        var strip = new Strip { PixelBytes = problem.Input.Pixel * sizeof(float), Segments = &whole, SegmentCount = 1, Depth = problem.Channels };
        nint scaledLine = 0;
        if (problem.Scaling is { } scaling)
        {
            nint stride = PixelScaling.Stride(problem.Channels);
            scaledLine = pixels * stride;
            for (int line = firstLine; line < endLine; line++)
                scaling.Run<S, V>(args, input + problem.Input.Start(grid, line), problem.Input.Pixel, (float*)args.Scratch + (line - firstLine) * scaledLine,
                    grid.Image(line), firstPixel, pixels, problem.Channels);
            strip.PixelBytes = stride * sizeof(float);
            input = (float*)args.Scratch;
        }

        int output = 0, firstFilter = 0;
        bool single = pixels == 1 && endLine - firstLine == 1;
        for (int panel = range * blocking.RangePanels, endPanel = Math.Min(panels.Panels, panel + blocking.RangePanels); panel < endPanel; panel++)
        {
            strip.Panel = weights + panels.Start(panel);
            strip.Wide = panels.IsWide(panel);
            nint nextFloats = panel + 1 < endPanel ? (nint)panels.Start(1) / (endLine - firstLine) : 0;
            nint tiles = PanelProduct<S, V>.TilesOver(pixels, strip.PixelBytes);
            for (int filter = panel * 2 * S.Count, endFilter = filter + panels.Channels(panel); filter < endFilter;)
            {
                while (filter >= firstFilter + outputs[output].Filters)
                    firstFilter += outputs[output++].Filters;
                int filters = Math.Min(endFilter, firstFilter + outputs[output].Filters) - filter;
                LineStrides lines = outputs[output].Lines;
                float* to = args.Output<float>(output) + group * panels.Filters + firstPixel * lines.Pixel + (filter - firstFilter);
                float* residual = problem.ResidualInput < 0 ? null : args.Input<float>(problem.ResidualInput) + group * panels.Filters + firstPixel * problem.Residual.Pixel + filter;
                strip.OutputStride = lines.Pixel;
                if (single && filter == panel * 2 * S.Count && panel + PixelTile.Panels <= endPanel
                    && filter + PixelTile.Panels * 2 * S.Count <= firstFilter + outputs[output].Filters)
                {
                    float* from = scaledLine != 0 ? input : input + problem.Input.Start(grid, firstLine);
                    nint added = residual is null ? 0 : (nint)(residual + problem.Residual.Start(grid, firstLine));
                    PanelProduct<S, V>.MultiplyPixel(strip, (nint)panels.Start(1), from, to + lines.Start(grid, firstLine), new Completion(added, 0, problem.Activation));
                    panel += PixelTile.Panels - 1;
                    break;
                }
                for (int line = firstLine; line < endLine; line++)
                {
                    float* from = scaledLine != 0 ? input + (line - firstLine) * scaledLine : input + problem.Input.Start(grid, line);
                    strip.FetchAhead(weights + panels.Start(panel + 1) + (line - firstLine) * nextFloats, nextFloats * sizeof(float), tiles);
                    nint added = residual is null ? 0 : (nint)(residual + problem.Residual.Start(grid, line));
                    PanelProduct<S, V>.Multiply(strip, (byte*)from, to + lines.Start(grid, line), pixels, filters,
                        new Completion(added, problem.Residual.Pixel, problem.Activation), filter - panel * 2 * S.Count);
                }
                filter += filters;
            }
        }
    }
}
