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

    /// <summary>Multiply-adds below which cutting a task further does not pay; and those of a single pixel, which take as long as its weights take to come.</summary>
    private const double LeastMacsPerTask = 200_000, LeastMacsPerTaskOfOnePixel = 40_000;

    /// <summary>Tasks per thread: enough that an interrupted thread holds up the others only a little.</summary>
    private const int TasksPerThread = 4;

    /// <summary>Pixels below which a block is not cut further for the sake of more tasks: every panel comes by for each.</summary>
    private const double LeastPixels = 48;

    /// <summary>Granules of a block from which on it is rounded to whole ones; smaller blocks are equal instead.</summary>
    private const int RoundedGranules = 16;

    /// <summary>Bytes that one thread fetches from another core's cache in a nanosecond.</summary>
    public const double ForeignBytes = 10;

    /// <summary>
    /// Cuts the pixels where that is as good: steps that do so find in a core's cache what the step before left there, because threads take tasks of the same places
    /// (<see cref="WorkerPool"/>).
    /// </summary>
    /// <param name="pixels">Pixels, or lines of pixels, that may be cut.</param>
    /// <param name="granule">Large blocks are multiples of this; on one thread all are, where that is possible.</param>
    /// <param name="inputBytes">Input bytes of one pixel (or line).</param>
    /// <param name="panels">Panels that may be cut.</param>
    /// <param name="panelBytes">Bytes of one panel.</param>
    /// <param name="macs">All multiply-adds.</param>
    /// <param name="threads">Threads that share the tasks.</param>
    public static Blocking Choose(int pixels, int granule, double inputBytes, int panels, double panelBytes, double macs, int threads)
    {
        if (pixels == 0 || panels == 0)
            return new Blocking(0, 1, 0, 1);
        int largest = (int)Math.Clamp(CacheBytes / Math.Max(1, inputBytes), 1, pixels), blocks = Divide(pixels, largest), ranges = 1;
        int wanted = threads == 1 ? 1 : (int)Math.Clamp(macs / (pixels == 1 ? LeastMacsPerTaskOfOnePixel : LeastMacsPerTask), 1, TasksPerThread * threads);
        if (blocks < wanted)
        {
            int sharers = Math.Min(threads, wanted);
            double weights = panels * panelBytes, compute = macs / Prediction.MacsPerNanosecond(Isa.V512) / sharers, foreign = inputBytes * pixels * (sharers - 1) / sharers / ForeignBytes;
            if (Math.Max(compute * Unevenness(pixels, sharers), weights / Prediction.BytesPerNanosecond) <= compute * Unevenness(panels, sharers) + foreign)
            {
                // What is cut may be lines: their pixels are the multiply-adds of each weight.
                double tasks = weights > CacheBytes ? 1 : Math.Clamp(macs / (weights / sizeof(float)) / LeastPixels / sharers, 1, TasksPerThread);
                blocks = Math.Min(pixels, Math.Max(blocks, Math.Min(wanted, (int)tasks * sharers)));
            }
            else
                ranges = Math.Min(panels, Divide(wanted, blocks));
        }
        if (blocks > threads)
            blocks = Math.Min(pixels, Divide(blocks, threads) * threads);
        int blockPixels = Divide(pixels, blocks);
        if (blockPixels > (threads == 1 ? 1 : RoundedGranules) * granule)
            blockPixels = Math.Min(pixels, Divide(blockPixels, granule) * granule);
        int rangePanels = Divide(panels, ranges);
        return new Blocking(Divide(pixels, blockPixels), blockPixels, Divide(panels, rangePanels), rangePanels);
    }

    /// <summary>The largest of equal shares by the mean one.</summary>
    private static double Unevenness(int units, int shares) => (double)Divide(units, shares) * shares / units;

    /// <summary>The same with ranges that are multiples of <paramref name="granule"/> panels, where there are as many.</summary>
    public Blocking WithRangesOf(int granule, int panels)
    {
        int rangePanels = Math.Max(1, Math.Min(panels, Divide(RangePanels, granule) * granule));
        return this with { PanelRanges = PanelRanges == 0 ? 0 : Divide(panels, rangePanels), RangePanels = rangePanels };
    }

    private static int Divide(int a, int b) => (int)(((long)a + b - 1) / b);
}
