using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// Runs one vector of output channels at a time over a block of output rows, so that the input rows that neighbouring outputs share are still in the
/// first-level cache. A task is a block of rows, or of columns where there is a single row. Each output is one chain of fused multiply-adds
/// from its bias over the filter positions that see the image.
/// </summary>
internal sealed unsafe class DepthwiseKernel<S, V> : ICpuKernel where S : struct, ISimd<V> where V : struct
{
    private const long ProductsPerTask = 1 << 18;

    private readonly ConvSpec spec;
    private readonly PackedWeights packed;
    private readonly Window depth, height, width;
    private readonly int rows, columns, rowsPerTask, columnsPerTask, columnTasks, multiplier, wholeStart, wholeEnd;
    private readonly bool isThreeByThree;
    private readonly Clamp clamp;

    public DepthwiseKernel(ConvSpec spec, CpuInfo machine, PackedWeights packed)
    {
        (this.spec, this.packed) = (spec, packed);
        (depth, height, width) = (spec.Windows[0], spec.Windows[1], spec.Windows[2]);
        rows = spec.Pixels == 0 ? 0 : spec.Batch * depth.Output * height.Output;
        columns = width.Output;
        multiplier = spec.GroupFilters;

        long products = Math.Max(1, spec.Filters * spec.Depth), wanted = 4 * machine.Threads;
        columnsPerTask = rows >= wanted ? columns : (int)Math.Clamp(ProductsPerTask / products, Math.Min(16, columns), Math.Max(1, columns));
        columnTasks = (columns + columnsPerTask - 1) / Math.Max(1, columnsPerTask);
        long most = columnTasks > 1 ? 1 : Math.Min(ProductsPerTask / Math.Max(1, products * columns), rows / wanted);
        rowsPerTask = (int)Math.Max(1, most - most % 2);

        // Columns [wholeStart, wholeEnd) see no padding beside them.
        wholeStart = Math.Min(columns, (width.PadBegin + width.Stride - 1) / width.Stride);
        int last = width.Input - width.Extent + width.PadBegin;
        wholeEnd = Math.Max(wholeStart, last < 0 ? 0 : Math.Min(columns, last / width.Stride + 1));
        isThreeByThree = (depth.Kernel, height.Kernel, height.Stride, height.Dilation) == (1, 3, 1, 1)
            && (width.Kernel, width.Stride, width.Dilation) == (3, 1, 1) && multiplier == 1;
        clamp = spec.Activation.Kind == ActivationKind.Clamp
            ? new Clamp(spec.Activation.A, spec.Activation.B)
            : new Clamp(float.NegativeInfinity, float.PositiveInfinity);
    }

    public int Tasks => (rows + rowsPerTask - 1) / rowsPerTask * columnTasks;

    /// <summary>With several filters per channel: the input rows of one output row with every channel repeated, one vector wide.</summary>
    public long ScratchBytes => multiplier == 1 ? 0 : (long)depth.Kernel * height.Kernel * width.Input * S.Count * sizeof(float);

    public void Run(in StepArgs args, int task)
    {
        int first = task / columnTasks * rowsPerTask, end = Math.Min(rows, first + rowsPerTask);
        int from = task % columnTasks * columnsPerTask, to = Math.Min(columns, from + columnsPerTask);
        var images = new Images(args.Input<float>(ConvOp.Image), args.Output<float>(), spec.Residual is null ? null : args.Input<float>(ConvOp.Residual));
        long block = DepthwiseFormat.Block(spec.Depth, S.Count);
        for (int k = 0; k < spec.Filters; k += S.Count)
        {
            float* weights = (float*)packed.Address + k / S.Count * block;
            int lanes = Math.Min(S.Count, spec.Filters - k);
            for (int row = first; row < end;)
                if (lanes == S.Count)
                    row += Rows<WholeVector<S, V>>(images, weights, row, end, from, to, k, lanes, (float*)args.Scratch);
                else
                    row += Rows<PartOfVector<S, V>>(images, weights, row, end, from, to, k, lanes, (float*)args.Scratch);
        }
        if (spec.Activation.Kind is not (ActivationKind.None or ActivationKind.Clamp))
            for (int row = first; row < end; row++)
                for (int w = from; w < to; w++)
                    ActivationFunctions.Apply<S, V>(spec.Activation, OutputRow(images.Output, spec.Output, row) + w * spec.Output.Strides[ImageView.Width], spec.Filters);
    }

    /// <summary>The first elements of the images of one run; the residual may be null.</summary>
    private readonly struct Images(float* input, float* output, float* residual)
    {
        public readonly float* Input = input, Output = output, Residual = residual;
    }

    /// <summary>Computes one output row, or two where one pass can, for one vector of channels; the number of rows done.</summary>
    private int Rows<L>(Images images, float* weights, int row, int end, int from, int to, int k, int lanes, float* scratch) where L : struct, ILanes<V>
    {
        (int n, int d, int h) = Position(row);
        int firstD = depth.FirstTap(d), countD = depth.EndTap(d) - firstD, firstH = height.FirstTap(h), countH = height.EndTap(h) - firstH;
        long[] strides = spec.Input.Strides;
        float* image = images.Input + n * strides[ImageView.Batch] + (depth.Start(d) + (nint)firstD * depth.Dilation) * (nint)strides[ImageView.Depth]
            + (height.Start(h) + (nint)firstH * height.Dilation) * (nint)strides[ImageView.Height];
        var taps = new DepthwiseTaps(image, (nint)strides[ImageView.Depth] * depth.Dilation, (nint)strides[ImageView.Height] * height.Dilation,
            (nint)strides[ImageView.Width], Math.Max(0, countD), countD > 0 ? Math.Max(0, countH) : 0);
        taps = multiplier == 1 ? taps.Moved(k) : Repeat(taps, k, lanes, scratch);

        float* filter = weights + S.Count + (firstD * height.Kernel + firstH) * width.Kernel * S.Count;
        var outputs = new DepthwiseOutputs(OutputRow(images.Output, spec.Output, row) + k, (nint)spec.Output.Strides[ImageView.Width],
            spec.Residual is null ? null : OutputRow(images.Residual, spec.Residual, row) + k, spec.Residual is null ? 0 : (nint)spec.Residual.Strides[ImageView.Width],
            clamp, lanes);

        bool pair = isThreeByThree && row + 1 < end && h + 1 < height.Output && countH == 3 && height.EndTap(h + 1) == 3;
        if (pair)
        {
            nint down = (nint)spec.Output.Strides[ImageView.Height], downResidual = (nint)(spec.Residual?.Strides[ImageView.Height] ?? 0);
            int done = Math.Min(to, Math.Max(from, wholeStart));
            Line<L>(taps, filter, weights, outputs, from, done);
            Line<L>(taps.Down(1), filter, weights, outputs.Down(down, downResidual), from, done);
            done += DepthwiseTiles<S, V, L>.ThreeByThree(taps, weights, outputs, down, downResidual, done, Math.Min(to, wholeEnd), width.Start(done));
            Line<L>(taps, filter, weights, outputs, done, to);
            Line<L>(taps.Down(1), filter, weights, outputs.Down(down, downResidual), done, to);
            return 2;
        }
        Line<L>(taps, filter, weights, outputs, from, to);
        return 1;
    }

    /// <summary>Columns [from, to) of one output row.</summary>
    private void Line<L>(DepthwiseTaps taps, float* filter, float* bias, DepthwiseOutputs outputs, int from, int to) where L : struct, ILanes<V>
    {
        nint filterD = (nint)height.Kernel * width.Kernel * S.Count, filterH = (nint)width.Kernel * S.Count, stepW = taps.Pixel * width.Dilation;
        int w = from;
        while (w < to)
        {
            if (w >= wholeStart && w < wholeEnd)
            {
                int whole = Math.Min(to, wholeEnd);
                DepthwiseTiles<S, V, L>.Columns(taps, taps.Corner + width.Start(w) * taps.Pixel, stepW, taps.Pixel * width.Stride,
                    filter, filterD, filterH, width.Kernel, bias, outputs, w, whole);
                w = whole;
                continue;
            }
            int first = width.FirstTap(w), count = Math.Max(0, width.EndTap(w) - first);
            DepthwiseTiles<S, V, L>.Columns(taps, taps.Corner + (width.Start(w) + (nint)first * width.Dilation) * taps.Pixel, stepW, 0,
                filter + first * S.Count, filterD, filterH, count, bias, outputs, w, w + 1);
            w++;
        }
    }

    /// <summary>Copies the input rows that the taps reach to scratch, each output channel with a copy of its input channel.</summary>
    private DepthwiseTaps Repeat(DepthwiseTaps taps, int k, int lanes, float* scratch)
    {
        float* to = scratch;
        for (int d = 0; d < taps.CountD; d++)
            for (int h = 0; h < taps.CountH; h++)
                for (int w = 0; w < width.Input; w++, to += S.Count)
                {
                    float* from = taps.Corner + d * taps.StepD + h * taps.StepH + w * taps.Pixel;
                    for (int lane = 0; lane < lanes; lane++)
                        to[lane] = from[(k + lane) / multiplier];
                }
        nint line = (nint)width.Input * S.Count;
        return new DepthwiseTaps(scratch, taps.CountH * line, line, S.Count, taps.CountD, taps.CountH);
    }

    private (int N, int D, int H) Position(int row) => (row / height.Output / depth.Output, row / height.Output % depth.Output, row % height.Output);

    private float* OutputRow(float* y, TensorView view, int row)
    {
        (int n, int d, int h) = Position(row);
        return y + n * view.Strides[ImageView.Batch] + d * view.Strides[ImageView.Depth] + h * view.Strides[ImageView.Height];
    }
}

/// <summary>The input lines that one output row sees, at column 0 and one vector of channels.</summary>
/// <param name="corner">The first line.</param>
/// <param name="stepD">From one line to that of the next filter position along depth.</param>
/// <param name="stepH">Likewise along height.</param>
/// <param name="pixel">From one column to the next.</param>
/// <param name="countD">Filter positions along depth that see the image.</param>
/// <param name="countH">Likewise along height.</param>
internal unsafe readonly struct DepthwiseTaps(float* corner, nint stepD, nint stepH, nint pixel, int countD, int countH)
{
    public readonly float* Corner = corner;
    public readonly nint StepD = stepD, StepH = stepH, Pixel = pixel;
    public readonly int CountD = countD, CountH = countH;

    public DepthwiseTaps Down(int lines) => Moved(lines * StepH);

    public DepthwiseTaps Moved(nint elements) => new(Corner + elements, StepD, StepH, Pixel, CountD, CountH);
}

/// <summary>Where an output row goes, at column 0 and one vector of channels, and what is done to each result.</summary>
internal unsafe readonly struct DepthwiseOutputs(float* row, nint pixel, float* residual, nint residualPixel, Clamp clamp, int lanes)
{
    public readonly float* Row = row, Residual = residual;
    public readonly nint Pixel = pixel, ResidualPixel = residualPixel;
    public readonly Clamp Clamp = clamp;
    public readonly int Lanes = lanes;

    public DepthwiseOutputs Down(nint row, nint residual) =>
        new(Row + row, Pixel, Residual is null ? null : Residual + residual, ResidualPixel, Clamp, Lanes);
}
