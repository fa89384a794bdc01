using System.Runtime.CompilerServices;
using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>
/// The depthwise convolution of images that are read in place. Goes along an output row, or two, by a few columns and all their channels, as they lie in memory: processors
/// fetch ahead what is read in its order. A task is a block of rows by a range of vectors, or of columns where there is a single row. Each output is one chain of fused
/// multiply-adds from its bias over the filter positions that see the image.
/// </summary>
internal sealed unsafe class DepthwiseKernel<S, V> : ICpuKernel where S : struct, ISimd<V> where V : struct
{
    /// <summary>Products of a task that is one of several in a row, and tasks per thread.</summary>
    private const long ProductsPerTask = 1 << 18;
    private const int TasksPerThread = 4;

    /// <summary>Rows below which a block is not cut further for the sake of more tasks: those at its ends share nothing with others.</summary>
    private const int LeastRows = 6;

    private readonly ConvSpec spec;
    private readonly PackedWeights packed;
    private readonly Window depth, height, width;
    private readonly int rows, columns, rowTasks, columnsPerTask, columnTasks, filtersPerTask, filterTasks, wholeStart, wholeEnd;
    private readonly bool isThreeByThree;
    private readonly Clamp clamp;

    public DepthwiseKernel(ConvSpec spec, CpuInfo machine, PackedWeights packed)
    {
        (this.spec, this.packed) = (spec, packed);
        (depth, height, width) = (spec.Windows[0], spec.Windows[1], spec.Windows[2]);
        rows = spec.Pixels == 0 ? 0 : spec.Batch * depth.Output * height.Output;
        columns = width.Output;

        // Rows are cut, so that every thread finds in its core's cache what it left there in the step before; where they are too few, columns or vectors.
        (columnsPerTask, filtersPerTask) = (columns, spec.Filters);
        rowTasks = machine.Threads == 1 ? Math.Min(1, rows) : Math.Min(rows, machine.Threads * Math.Clamp(rows / LeastRows / machine.Threads, 1, TasksPerThread));
        if (rows < machine.Threads && depth.Output * height.Output == 1)
            columnsPerTask = (int)Math.Clamp(ProductsPerTask / Math.Max(1, spec.Filters * spec.Depth), Math.Min(16, columns), Math.Max(1, columns));
        else if (rows < machine.Threads)
            filtersPerTask = Math.Max(S.Count, AlignedMemory.Alignment / sizeof(float));
        columnTasks = (columns + columnsPerTask - 1) / Math.Max(1, columnsPerTask);
        filterTasks = (spec.Filters + filtersPerTask - 1) / Math.Max(1, filtersPerTask);

        (wholeStart, wholeEnd) = width.Unpadded;
        isThreeByThree = ConvOp.IsThreeByThree(spec.Windows);
        clamp = spec.Activation.Kind == ActivationKind.Clamp
            ? new Clamp(spec.Activation.A, spec.Activation.B)
            : new Clamp(float.NegativeInfinity, float.PositiveInfinity);
    }

    public int Tasks => rowTasks * columnTasks * filterTasks;

    public long ScratchBytes => 0;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run(in StepArgs args, int task)
    {
        (int rest, int filterTask) = Math.DivRem(task, filterTasks);
        (int rowTask, int columnTask) = Math.DivRem(rest, columnTasks);
        int firstFilter = filterTask * filtersPerTask, endFilter = Math.Min(spec.Filters, firstFilter + filtersPerTask);
        int firstRow = (int)((long)rows * rowTask / rowTasks), endRow = (int)((long)rows * (rowTask + 1) / rowTasks);
        int from = columnTask * columnsPerTask, to = Math.Min(columns, from + columnsPerTask);
        var images = new Images(args.Input<float>(ConvOp.Image), args.Output<float>(), spec.Residual is null ? null : args.Input<float>(ConvOp.Residual));
        int whole = firstFilter + (endFilter - firstFilter) / S.Count * S.Count;
        for (int row = firstRow; row < endRow;)
        {
            int together = RowsTogether(row, endRow);
            if (firstFilter < whole)
                Rows<WholeVector<S, V>>(images, row, together, from, to, firstFilter, (whole - firstFilter) / S.Count, S.Count);
            if (whole < endFilter)
                Rows<PartOfVector<S, V>>(images, row, together, from, to, whole, 1, endFilter - whole);
            if (spec.Activation.Kind is not (ActivationKind.None or ActivationKind.Clamp))
                for (int i = 0; i < together; i++)
                    ActivationFunctions.Apply<S, V>(spec.Activation, OutputRow(images.Output, spec.Output, row + i) + from * spec.Output.Strides[ImageView.Width] + firstFilter,
                        to - from, (nint)spec.Output.Strides[ImageView.Width], endFilter - firstFilter);
            row += together;
        }
    }

    /// <summary>The first elements of the images of one run; the residual may be null.</summary>
    private readonly struct Images(float* input, float* output, float* residual)
    {
        public readonly float* Input = input, Output = output, Residual = residual;
    }

    /// <summary>2 where a 3x3 filter sees no padding above or below this output row and the next one, which is to be computed too; else 1.</summary>
    private int RowsTogether(int row, int endRow)
    {
        (_, int d, int h) = Position(row);
        return isThreeByThree && row + 1 < endRow && h + 1 < height.Output
            && height.FirstTap(h) == 0 && height.EndTap(h + 1) == 3 && depth.FirstTap(d) < depth.EndTap(d) ? 2 : 1;
    }

    /// <summary>Some vectors of one output row, or of two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Rows<L>(Images images, int row, int count, int from, int to, int k, int vectors, int lanes) where L : struct, ILanes<V>
    {
        int start = Math.Max(from, wholeStart), end = Math.Min(to, wholeEnd);
        if (end - start < (count == 2 ? DepthwiseTiles<S, V, L>.ThreeByThreeColumns : DepthwiseTiles<S, V, L>.Together))
            start = end = to;
        for (int i = 0; i < count; i++)
            Borders<L>(images, row + i, from, start, k, vectors, lanes);
        if (start < end)
        {
            DepthwiseTaps taps = Taps(images, row, k);
            DepthwiseOutputs outputs = Outputs(images, row, k, lanes);
            nint block = (nint)LaneFormat.Block(spec.Depth, S.Count);
            if (count == 2)
                DepthwiseTiles<S, V, L>.ThreeByThree(taps, Weights(k), block, vectors, outputs, (nint)spec.Output.Strides[ImageView.Height],
                    (nint)(spec.Residual?.Strides[ImageView.Height] ?? 0), start, end, width.Start(start));
            else
                DepthwiseTiles<S, V, L>.Columns(taps, taps.Corner + width.Start(start) * taps.Pixel, Filter(row, k, 0, width.Kernel, taps.Pixel), taps.Pixel * width.Stride,
                    Weights(k), block, vectors, outputs, start, end);
        }
        for (int i = 0; i < count; i++)
            Borders<L>(images, row + i, end, to, k, vectors, lanes);
    }

    /// <summary>Columns that see padding, or are too few for a tile: one at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Borders<L>(Images images, int row, int from, int to, int k, int vectors, int lanes) where L : struct, ILanes<V>
    {
        if (from >= to)
            return;
        DepthwiseTaps taps = Taps(images, row, k);
        DepthwiseOutputs outputs = Outputs(images, row, k, lanes);
        nint block = (nint)LaneFormat.Block(spec.Depth, S.Count);
        for (int w = from; w < to; w++)
        {
            int first = width.FirstTap(w), count = Math.Max(0, width.EndTap(w) - first);
            DepthwiseTiles<S, V, L>.Column(taps, taps.Corner + (width.Start(w) + (nint)first * width.Dilation) * taps.Pixel,
                Filter(row, k, first, count, taps.Pixel), Weights(k), block, vectors, outputs, w);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private DepthwiseTaps Taps(Images images, int row, int k)
    {
        (int n, int d, int h) = Position(row);
        int firstD = depth.FirstTap(d), countD = depth.EndTap(d) - firstD, firstH = height.FirstTap(h), countH = height.EndTap(h) - firstH;
        long[] strides = spec.Input.Strides;
        float* corner = images.Input + n * strides[ImageView.Batch] + (depth.Start(d) + (nint)firstD * depth.Dilation) * (nint)strides[ImageView.Depth]
            + (height.Start(h) + (nint)firstH * height.Dilation) * (nint)strides[ImageView.Height] + k;
        return new DepthwiseTaps(corner, (nint)strides[ImageView.Depth] * depth.Dilation, (nint)strides[ImageView.Height] * height.Dilation,
            (nint)strides[ImageView.Width], Math.Max(0, countD), countD > 0 ? Math.Max(0, countH) : 0);
    }

    /// <summary>Filter positions [first, first + count) along width, and those along depth and height that see the image in a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private DepthwiseFilter Filter(int row, int k, int first, int count, nint pixel)
    {
        (_, int d, int h) = Position(row);
        nint line = (nint)width.Kernel * S.Count;
        float* weights = Weights(k) + S.Count + (depth.FirstTap(d) * height.Kernel + height.FirstTap(h)) * line + first * S.Count;
        return new DepthwiseFilter(weights, height.Kernel * line, line, pixel * width.Dilation, count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private DepthwiseOutputs Outputs(Images images, int row, int k, int lanes) => new(
        OutputRow(images.Output, spec.Output, row) + k, (nint)spec.Output.Strides[ImageView.Width],
        spec.Residual is null ? null : OutputRow(images.Residual, spec.Residual, row) + k, (nint)(spec.Residual?.Strides[ImageView.Width] ?? 0), clamp, lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private float* Weights(int k) => (float*)packed.Address + k / S.Count * LaneFormat.Block(spec.Depth, S.Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private (int N, int D, int H) Position(int row) => (row / height.Output / depth.Output, row / height.Output % depth.Output, row % height.Output);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
}

/// <summary>The weights of the filter positions that an output sees, for one vector of channels.</summary>
/// <param name="first">The first one's.</param>
/// <param name="stepD">From one filter position's weights to the next one's along depth.</param>
/// <param name="stepH">Likewise along height; along width they follow each other.</param>
/// <param name="stepX">From one filter position's input to the next one's along width.</param>
/// <param name="countW">Filter positions along width.</param>
internal unsafe readonly struct DepthwiseFilter(float* first, nint stepD, nint stepH, nint stepX, int countW)
{
    public readonly float* First = first;
    public readonly nint StepD = stepD, StepH = stepH, StepX = stepX;
    public readonly int CountW = countW;
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
