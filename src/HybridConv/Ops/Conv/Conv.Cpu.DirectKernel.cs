using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// Convolution as a product whose matrix is never written down: for a strip of one output line, the reduction is a list of segments, one for each filter row
/// (or filter position), and every segment lies at a constant distance from each pixel. All filter positions and channels are summed in registers.
/// A task is a block of lines of one slice of one image by a range of panels of one group.
/// </summary>
internal sealed unsafe class DirectKernel<S, V>(ConvSpec spec, CpuInfo machine, PackedWeights packed) : ICpuKernel
    where S : struct, ISimd<V> where V : struct
{
    private readonly DirectGeometry geometry = new(spec, machine);
    private readonly Window depth = spec.Windows[0], height = spec.Windows[1], width = spec.Windows[2];

    public int Tasks => geometry.Tasks;

    public long ScratchBytes => (long)geometry.ScratchBytes;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        Blocking blocking = geometry.Blocking;
        (int rest, int block) = Math.DivRem(task, blocking.PixelBlocks);
        (rest, int range) = Math.DivRem(rest, blocking.PanelRanges);
        (rest, int group) = Math.DivRem(rest, spec.Groups);
        (int image, int slice) = Math.DivRem(rest, depth.Output);
        int firstLine = block * blocking.BlockPixels, endLine = Math.Min(height.Output, firstLine + blocking.BlockPixels);

        Source source = Locate(args, image, group, slice, firstLine, endLine);
        bool isFinite = PanelFormat.IsFinite(packed);
        PanelLayout panels = geometry.Panels;
        float* weights = (float*)(packed.Address + PanelFormat.HeaderBytes) + group * panels.Floats;
        nint firstChannel = group * (nint)panels.Filters;
        float* output = args.Output<float>() + Start(spec.Output, image, slice) + firstChannel;
        float* residual = spec.Residual is null ? null : args.Input<float>(ConvOp.Residual) + Start(spec.Residual, image, slice) + firstChannel;
        nint outputRow = (nint)spec.Output.Strides[ImageView.Height], residualRow = spec.Residual is null ? 0 : (nint)spec.Residual.Strides[ImageView.Height];
        var strip = new Strip { PixelBytes = width.Stride * source.Pixel, OutputStride = (nint)spec.Output.Strides[ImageView.Width], Segments = (Segment*)args.Scratch };
        nint residualPixel = (nint)(spec.Residual?.Strides[ImageView.Width] ?? 0);
        for (int panel = range * blocking.RangePanels, endPanel = Math.Min(panels.Panels, panel + blocking.RangePanels); panel < endPanel; panel++)
        {
            int channel = panel * 2 * S.Count;
            strip.Panel = weights + panels.Start(panel);
            strip.Wide = panels.IsWide(panel);
            var results = new Results(
                output + channel, outputRow, residual is null ? null : residual + channel, residualRow, residualPixel, spec.Activation,
                panels.Width(panel), panels.Channels(panel));
            Lines(ref strip, source, slice, firstLine, endLine, results, isFinite, panel + 1 < endPanel ? (nint)panels.Start(1) : 0);
        }
    }

    /// <summary>Some lines by one panel, while the next one's <paramref name="nextFloats"/> are fetched.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Lines(ref Strip strip, in Source source, int slice, int firstLine, int endLine, in Results results, bool isFinite, nint nextFloats)
    {
        float* next = strip.Panel + nextFloats;
        nint share = nextFloats / (endLine - firstLine);
        strip.SegmentCount = (nint)geometry.Segments;
        strip.Depth = geometry.MergesColumns ? width.Kernel * spec.GroupChannels : spec.GroupChannels;
        for (int line = firstLine; line < endLine; line++, next += share)
        {
            strip.FetchAhead(next, share * sizeof(float), PanelProduct<S, V>.TilesOver(width.Output, strip.PixelBytes));
            Line(ref strip, source, slice, line, results, isFinite);
        }
    }

    /// <summary>One line by one panel. With finite weights the zeros in copied rows contribute nothing; otherwise pixels that see padding are computed from what they see.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Line(ref Strip strip, in Source source, int slice, int line, in Results results, bool isFinite)
    {
        int first = 0, end = width.Output;
        if (!isFinite)
        {
            while (first < end && SeesPadding(first))
                Pixel(ref strip, source, slice, line, first++, results);
            while (end > first && SeesPadding(end - 1))
                Pixel(ref strip, source, slice, line, --end, results);
        }
        if (first < end)
            Pixels(ref strip, source, slice, line, first, end, 0, width.Kernel, results);
    }

    private bool SeesPadding(int pixel) => width.FirstTap(pixel) > 0 || width.EndTap(pixel) < width.Kernel;

    private void Pixel(ref Strip strip, in Source source, int slice, int line, int pixel, in Results results)
    {
        int first = width.FirstTap(pixel), end = Math.Max(first, width.EndTap(pixel));
        Pixels(ref strip, source, slice, line, pixel, pixel + 1, first, end, results);
    }

    /// <summary>The pixels [first, end) of a line, from the filter columns [firstColumn, endColumn).</summary>
    private void Pixels(ref Strip strip, in Source source, int slice, int line, int first, int end, int firstColumn, int endColumn, in Results results)
    {
        strip.SegmentCount = List(strip.Segments, source, slice, line, results.Width, firstColumn, endColumn);
        strip.Depth = geometry.MergesColumns ? (endColumn - firstColumn) * spec.GroupChannels : spec.GroupChannels;
        PanelProduct<S, V>.Multiply(
            strip, (byte*)source.Origin + first * strip.PixelBytes, results.Output(line) + first * strip.OutputStride, end - first, results.Channels,
            results.Completion(line).Skip(first));
    }

    /// <summary>Lists the segments of a line's reduction, in its order; filter rows and slices in the padding are left out. Gives their number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private nint List(Segment* segments, in Source source, int slice, int line, int panelWidth, int firstColumn, int endColumn)
    {
        nint count = 0, tapBytes = (nint)spec.GroupChannels * panelWidth * sizeof(float);
        for (int d = depth.FirstTap(slice); d < depth.EndTap(slice); d++)
            for (int r = height.FirstTap(line); r < height.EndTap(line); r++)
            {
                nint row = (d - source.FirstTap) * source.Slice + (height.Start(line) + r * height.Dilation - source.FirstRow) * source.Row;
                nint tap = ((nint)d * height.Kernel + r) * width.Kernel;
                for (int s = firstColumn; s < endColumn; s++)
                {
                    segments[count++] = new Segment(row + (nint)s * width.Dilation * source.Pixel, (tap + s) * tapBytes);
                    if (geometry.MergesColumns)
                        break;
                }
            }
        return count;
    }

    /// <summary>Where the input rows of a block are: copied into scratch memory, or in the image itself.</summary>
    private Source Locate(in StepArgs args, int image, int group, int slice, int firstLine, int endLine)
    {
        long[] strides = spec.Input.Strides;
        float* origin = args.Input<float>(ConvOp.Image) + image * (nint)strides[ImageView.Batch] + depth.Start(slice) * (nint)strides[ImageView.Depth] + group * (nint)spec.GroupChannels;
        var inPlace = new Source((nint)origin, 0, 0, depth.Dilation * Bytes(strides[ImageView.Depth]), Bytes(strides[ImageView.Height]), Bytes(strides[ImageView.Width]));
        if (!geometry.Copies)
            return inPlace;

        int firstTap = depth.FirstTap(slice), firstRow = Math.Max(0, height.Start(firstLine));
        int endRow = (int)Math.Min(height.Input, height.Start(endLine - 1) + (long)height.Extent);
        var copied = new Source(
            args.Scratch + (nint)geometry.SegmentBytes, firstTap, firstRow, Bytes(geometry.SliceFloats), Bytes(geometry.RowFloats), Bytes(spec.GroupChannels));
        for (int d = firstTap; d < depth.EndTap(slice); d++)
            for (int y = firstRow; y < endRow; y++)
                CopyRow((float*)(inPlace.Origin + d * inPlace.Slice + y * inPlace.Row), (float*)(copied.Origin + (d - firstTap) * copied.Slice + (y - firstRow) * copied.Row));
        return copied;
    }

    /// <summary>One input row with zeros where the padding is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void CopyRow(float* from, float* to)
    {
        int channels = spec.GroupChannels, columns = (int)geometry.Columns;
        int first = Math.Min(columns, width.PadBegin), end = (int)Math.Min(columns, (long)width.PadBegin + width.Input);
        nint pixel = (nint)spec.Input.Strides[ImageView.Width];
        Floats(to, first * (nint)channels).Clear();
        if (pixel == channels)
            Floats(from, (end - first) * (nint)channels).CopyTo(Floats(to + first * (nint)channels, (end - first) * (nint)channels));
        else
            for (int column = first; column < end; column++)
                Floats(from + (column - first) * pixel, channels).CopyTo(Floats(to + column * (nint)channels, channels));
        Floats(to + end * (nint)channels, (columns - end) * (nint)channels).Clear();
    }

    private static Span<float> Floats(float* p, nint count) => new(p, checked((int)count));

    private static nint Bytes(long floats) => (nint)(floats * sizeof(float));

    private static nint Start(TensorView image, int n, int slice) => (nint)(n * image.Strides[ImageView.Batch] + slice * image.Strides[ImageView.Depth]);

    /// <summary>Input rows. Distances are in bytes.</summary>
    /// <param name="Origin">What the first pixel of a line sees through the filter's first column.</param>
    /// <param name="FirstTap">The filter slice that sees the origin.</param>
    /// <param name="FirstRow">The input row at the origin.</param>
    /// <param name="Slice">From what one filter slice sees to what the next sees.</param>
    /// <param name="Row">Between two input rows.</param>
    /// <param name="Pixel">Between two input pixels.</param>
    private readonly record struct Source(nint Origin, int FirstTap, int FirstRow, nint Slice, nint Row, nint Pixel);

    /// <summary>Where the channels of one panel go, and how they are completed; lines are those of the slice.</summary>
    private readonly struct Results(
        float* output, nint outputRow, float* residual, nint residualRow, nint residualPixel, Activation activation, int width, int channels)
    {
        /// <summary>Floats in the panel's rows.</summary>
        public int Width => width;

        /// <summary>The channels among them.</summary>
        public int Channels => channels;

        public float* Output(int line) => output + line * outputRow;

        public Completion Completion(int line) => new(residual is null ? 0 : (nint)(residual + line * residualRow), residualPixel, activation);
    }
}
