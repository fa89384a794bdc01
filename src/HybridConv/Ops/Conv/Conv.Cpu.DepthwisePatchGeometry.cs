using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Conv;

/// <summary>How the depthwise kernel cuts one spec: blocks of outputs whose patches of the image fit the first-level cache, by ranges of filters.</summary>
internal sealed unsafe class DepthwisePatchGeometry
{
    /// <summary>What a patch may take of the first-level cache, and tasks per thread.</summary>
    private const double PatchBytes = 30 << 10;
    private const int TasksPerThread = 4;

    /// <summary>The most rows that a thread's share of an image may see for each of its own.</summary>
    private const double MostSeen = 1.5;

    /// <summary>Blocks of columns are multiples of the largest tile's.</summary>
    private const int Granule = DepthwisePatchTiles<Scalar, float>.Largest;

    public DepthwisePatchGeometry(ConvSpec spec, CpuInfo machine)
    {
        (Window depth, Window height, Window width) = (spec.Windows[0], spec.Windows[1], spec.Windows[2]);
        int lanes = machine.Lanes;
        // Tall blocks of few columns share more than flat ones: as wide as the image only if it is small, or has few rows.
        double pixels = PatchBytes / lanes / sizeof(float) / depth.Kernel;
        BlockColumns = Math.Max(1, width.Output);
        BlockRows = Fitting(pixels / Seen(BlockColumns, width), height);
        for (int columns = 8 * Granule; columns >= Granule && BlockRows < Math.Min(height.Output, Granule); columns /= 2)
            if (columns < BlockColumns)
                (BlockColumns, BlockRows) = (columns, Fitting(pixels / Seen(columns, width), height));
        BlockRows = Math.Min(BlockRows, Math.Max(1, height.Output));
        RowBlocks = Divide(height.Output, BlockRows);
        // Rows are what threads share, as in other steps, unless too many would be copied twice.
        int rows = height.Output / machine.Threads;
        if (RowBlocks < machine.Threads && rows >= 1 && Seen(rows, height) <= MostSeen * rows * height.Stride)
            RowBlocks = machine.Threads;
        BlockRows = Math.Max(1, Divide(height.Output, Math.Max(1, RowBlocks)));
        RowBlocks = Divide(height.Output, BlockRows);
        ColumnBlocks = Divide(width.Output, BlockColumns);

        int blocks = spec.Pixels == 0 ? 0 : spec.Batch * depth.Output * RowBlocks * ColumnBlocks, vectors = Divide(spec.Filters, lanes);
        FilterRanges = blocks == 0 || blocks >= machine.Threads ? 1 : Math.Clamp(Divide(TasksPerThread * machine.Threads, blocks), 1, Math.Max(1, vectors));
        RangeFilters = Math.Max(1, Divide(vectors, FilterRanges)) * lanes;
        FilterRanges = Divide(spec.Filters, RangeFilters);
        Tasks = blocks * FilterRanges;

        // Narrower vectors have no registers for its weights.
        IsThreeByThree = lanes == 16 && ConvOp.IsThreeByThree(spec.Windows);
        LineFloats = Seen(BlockColumns, width) * lanes;
        SliceFloats = Seen(BlockRows, height) * LineFloats;
        CopiedPerOutput = Seen(BlockRows, height) * Seen(BlockColumns, width) * depth.Kernel / BlockRows / BlockColumns;
        ListBytes = Math.Ceiling((double)depth.Kernel * height.Kernel * sizeof(DepthwiseLine) / AlignedMemory.Alignment) * AlignedMemory.Alignment;
        ScratchBytes = ListBytes + SliceFloats * depth.Kernel * sizeof(float);
    }

    /// <summary>Blocks of outputs along height and width, and ranges of filters.</summary>
    public int RowBlocks { get; }
    public int ColumnBlocks { get; }
    public int FilterRanges { get; }

    /// <summary>What is in one; the last may have less.</summary>
    public int BlockRows { get; }
    public int BlockColumns { get; }
    public int RangeFilters { get; }

    public int Tasks { get; }

    /// <summary>Whether a tile of two rows with all weights in registers is used.</summary>
    public bool IsThreeByThree { get; }

    /// <summary>Floats of a patch's line, and of all its lines of one slice.</summary>
    public double LineFloats { get; }
    public double SliceFloats { get; }

    /// <summary>Input pixels that are copied for each output.</summary>
    public double CopiedPerOutput { get; }

    /// <summary>The list of the filter's rows.</summary>
    public double ListBytes { get; }

    /// <summary>The list, then the patch.</summary>
    public double ScratchBytes { get; }

    /// <summary>Input positions that some outputs see.</summary>
    private static double Seen(int outputs, Window axis) => (outputs - 1.0) * axis.Stride + axis.Extent;

    /// <summary>Outputs that see no more than some input positions; at least one.</summary>
    private static int Fitting(double seen, Window axis) => (int)Math.Clamp((seen - axis.Extent) / axis.Stride + 1, 1, int.MaxValue);

    private static int Divide(int a, int b) => (a + b - 1) / b;
}
