namespace HybridConv.Cpu.Gemm;

/// <summary>
/// How the work of a panel product is cut into tasks: a grid of blocks of lines or pixels by ranges of panels. Blocks of pixels are small enough that their input stays in
/// the second-level cache while panel after panel passes by.
/// </summary>
/// <param name="PixelBlocks">Blocks along the pixels.</param>
/// <param name="BlockPixels">Pixels (or lines) in a block; the last may have fewer.</param>
/// <param name="PanelRanges">Ranges of panels.</param>
/// <param name="RangePanels">Panels in a range; the last may have fewer.</param>
internal readonly record struct Blocking(int PixelBlocks, int BlockPixels, int PanelRanges, int RangePanels)
{
    /// <summary>Half of a usual second-level cache, in bytes.</summary>
    public const long CacheBytes = 256 << 10;

    /// <summary>Multiply-adds below which cutting a task further does not pay.</summary>
    private const double LeastMacsPerTask = 200_000;

    /// <summary>Tasks per thread: enough that an interrupted thread holds up the others only a little.</summary>
    private const int TasksPerThread = 4;

    /// <param name="pixels">Pixels, or lines of pixels, that may be cut.</param>
    /// <param name="granule">Blocks are multiples of this, where that is possible.</param>
    /// <param name="inputBytes">Input bytes of one pixel (or line).</param>
    /// <param name="panels">Panels that may be cut.</param>
    /// <param name="panelBytes">Bytes of one panel.</param>
    /// <param name="macs">All multiply-adds.</param>
    /// <param name="threads">Threads that share the tasks.</param>
    public static Blocking Choose(int pixels, int granule, double inputBytes, int panels, double panelBytes, double macs, int threads)
    {
        if (pixels == 0 || panels == 0)
            return new Blocking(0, 1, 0, 1);
        int largest = (int)Math.Clamp(CacheBytes / Math.Max(1, inputBytes), 1, pixels);
        int wanted = threads == 1 ? 1 : (int)Math.Clamp(macs / LeastMacsPerTask, 1, TasksPerThread * threads);
        int blocks = Divide(pixels, largest), ranges = 1;
        if (blocks < wanted)
        {
            // The larger operand is the one that is cut, because the other is read once per part.
            if (panelBytes * panels > inputBytes * pixels)
                ranges = Math.Min(panels, Divide(wanted, blocks));
            else
                blocks = Math.Min(Divide(pixels, granule), wanted);
        }
        int blockPixels = Divide(pixels, blocks);
        if (blockPixels > granule)
            blockPixels = Math.Min(pixels, Divide(blockPixels, granule) * granule);
        int rangePanels = Divide(panels, ranges);
        return new Blocking(Divide(pixels, blockPixels), blockPixels, Divide(panels, rangePanels), rangePanels);
    }

    /// <summary>The same with ranges that are multiples of <paramref name="granule"/> panels, where there are as many.</summary>
    public Blocking WithRangesOf(int granule, int panels)
    {
        int rangePanels = Math.Max(1, Math.Min(panels, Divide(RangePanels, granule) * granule));
        return this with { PanelRanges = PanelRanges == 0 ? 0 : Divide(panels, rangePanels), RangePanels = rangePanels };
    }

    private static int Divide(int a, int b) => (int)(((long)a + b - 1) / b);
}
