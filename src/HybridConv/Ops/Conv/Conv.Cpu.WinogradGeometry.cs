using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Conv;

/// <summary>
/// How Winograd's kernel cuts one spec: blocks of tiles by ranges of panels. A task transforms its block of the image once, and multiplies it by its panels,
/// a group of them at a time: the group's products are transformed back while they are in the second-level cache. Of all cuts that are considered the one
/// with the shortest predicted time is taken.
/// </summary>
internal sealed class WinogradGeometry
{
    /// <summary>Bytes of transformed images and products that a task may keep near: the larger part of a second-level cache.</summary>
    private const double NearBytes = 768 << 10;

    /// <summary>Bytes per nanosecond that a thread streams from beyond that cache, when they were there a moment ago.</summary>
    private const double FarBytesPerNanosecond = 20;

    /// <summary>Nanoseconds for one position of one vector in the transforms of images and of results.</summary>
    private const double ImageNanoseconds = 0.8, ResultNanoseconds = 0.7;

    /// <summary>Nanoseconds that a product of one position by one panel takes before its first tile.</summary>
    private const double ProductNanoseconds = 25;

    public WinogradGeometry(ConvSpec spec, CpuInfo machine, int outputs)
    {
        (Window height, Window width) = (spec.Windows[1], spec.Windows[2]);
        int lanes = machine.Lanes;
        Outputs = outputs;
        TilesHigh = (height.Output + outputs - 1) / outputs;
        TilesWide = (width.Output + outputs - 1) / outputs;
        long tiles = spec.Pixels == 0 ? 0 : (long)spec.Batch * TilesHigh * TilesWide;
        Tiles = (int)Math.Min(tiles, int.MaxValue);
        Panels = new PanelLayout(lanes, spec.Filters, spec.Channels);
        long channels = (spec.Channels + lanes - 1L) / lanes * lanes;
        PixelFloats = channels * sizeof(float) % 1024 == 0 ? channels + lanes : channels;

        Cut best = new(spec, machine, this, Math.Max(1, Tiles), 1);
        int granule = PointwiseKernel.Granule(lanes);
        for (int blocks = 1; blocks <= Math.Max(Tiles / granule, Math.Min(Tiles, machine.Threads)); blocks = Math.Max(blocks + 1, blocks * 5 / 4))
            for (int ranges = 1; ranges <= Math.Min(Panels.Panels, 2 * machine.Threads); ranges++)
            {
                int block = (Math.Max(1, Tiles) + blocks - 1) / blocks;
                if (block > granule)
                    block = Math.Min(Math.Max(1, Tiles), (block + granule - 1) / granule * granule);
                var cut = new Cut(spec, machine, this, block, ranges);
                if (cut.Nanoseconds < best.Nanoseconds)
                    best = cut;
            }
        (BlockTiles, Blocks, RangePanels, Ranges, GroupPanels) = (best.BlockTiles, best.Blocks, best.RangePanels, best.Ranges, best.GroupPanels);
        Nanoseconds = best.Nanoseconds;
        GroupFloats = GroupPanels * 2L * lanes;
        ImageStep = BlockTiles * PixelFloats + lanes;
        ProductStep = BlockTiles * GroupFloats + lanes;
        BufferFloats = (long)Side * Side * lanes;
    }

    /// <summary>Outputs of a tile along either axis.</summary>
    public int Outputs { get; }

    /// <summary>Pixels that a tile sees along either axis.</summary>
    public int Side => Outputs + WinogradTransform.Taps - 1;

    /// <summary>Matrices to multiply: one for each pixel of a tile.</summary>
    public int Positions => Side * Side;

    /// <summary>The tiles of one image.</summary>
    public int TilesHigh { get; }
    public int TilesWide { get; }

    /// <summary>The tiles of all images, counted in the order image, row, column.</summary>
    public int Tiles { get; }

    /// <summary>The panels of one position.</summary>
    public PanelLayout Panels { get; }

    public int BlockTiles { get; }
    public int Blocks { get; }
    public int RangePanels { get; }
    public int Ranges { get; }

    /// <summary>Panels whose products are transformed back together.</summary>
    public int GroupPanels { get; }

    /// <summary>Floats from one tile to the next in a transformed image.</summary>
    public long PixelFloats { get; }

    /// <summary>Floats from one position to the next; an odd number of vectors, so that the positions of one tile do not share a set of the cache.</summary>
    public long ImageStep { get; }

    /// <summary>Floats from one tile to the next in the products.</summary>
    public long GroupFloats { get; }

    public long ProductStep { get; }

    /// <summary>Floats of what one tile's transform works in.</summary>
    public long BufferFloats { get; }

    /// <summary>The buffer, the transformed image of a block, and the products of a group of panels.</summary>
    public double ScratchBytes => ((double)BufferFloats + Positions * ((double)ImageStep + ProductStep)) * sizeof(float);

    /// <summary>The predicted time.</summary>
    public double Nanoseconds { get; }

    /// <summary>One way to cut the work, and what it would take.</summary>
    private readonly struct Cut
    {
        public readonly int BlockTiles, Blocks, RangePanels, Ranges, GroupPanels;
        public readonly double Nanoseconds;

        public Cut(ConvSpec spec, CpuInfo machine, WinogradGeometry geometry, int blockTiles, int ranges)
        {
            int panels = Math.Max(1, geometry.Panels.Panels), lanes = machine.Lanes;
            BlockTiles = blockTiles;
            Blocks = (geometry.Tiles + blockTiles - 1) / blockTiles;
            RangePanels = (panels + ranges - 1) / ranges;
            Ranges = (panels + RangePanels - 1) / RangePanels;

            double positions = geometry.Positions, image = positions * blockTiles * geometry.PixelFloats * sizeof(float);
            double product = positions * blockTiles * 2 * lanes * sizeof(float);
            bool isNear = image + product <= NearBytes;
            GroupPanels = (int)Math.Clamp((isNear ? NearBytes - image : NearBytes) / product, 1, RangePanels);

            // The first block brings the weights from memory. A product's own traffic hides behind its multiply-adds only if it comes from near.
            double weights = positions * RangePanels * 2.0 * lanes * (spec.Channels + 1.0) * sizeof(float);
            double streams = weights / Blocks / Prediction.StreamedBytes(weights * Ranges, machine.Threads) + weights * (Blocks - 1) / Blocks / FarBytesPerNanosecond;
            double macs = positions * Rows(blockTiles, PointwiseKernel.Granule(lanes)) * spec.Channels * RangePanels * 2 * lanes;
            double passes = Math.Ceiling(RangePanels / (double)GroupPanels);
            double traffic = isNear ? 0 : (passes * image + 2 * RangePanels * product) / FarBytesPerNanosecond;
            double products = Math.Max(macs / Prediction.MacsPerNanosecond(machine.Isa), streams) + traffic + positions * RangePanels * ProductNanoseconds;
            double vectors = Math.Ceiling(spec.Channels / (double)lanes) * ImageNanoseconds + RangePanels * 2 * ResultNanoseconds;
            // Threads that take different filters of the same tiles read what others have computed, and leave to the next step what others will read.
            double pixels = (double)blockTiles * geometry.Outputs * geometry.Outputs, floats = pixels * (spec.Channels + RangePanels * 2.0 * lanes);
            double foreign = Ranges == 1 || machine.Threads == 1 ? 0 : floats * sizeof(float) / 2 / Blocking.ForeignBytes;
            double task = products + positions * blockTiles * vectors + foreign + Prediction.NanosecondsPerTask;
            Nanoseconds = task * Math.Ceiling((double)Blocks * Ranges / machine.Threads);
        }

        /// <summary>Rows of full tiles that take as long as a block's: a tile of fewer rows loads its weights for fewer multiply-adds.</summary>
        private static double Rows(int tiles, int granule)
        {
            int whole = tiles / granule, rest = tiles % granule;
            double rows = whole * (granule + 1.0);
            foreach (int height in (ReadOnlySpan<int>)[7, 4, 2, 1])
                for (; rest >= height; rest -= height)
                    rows += height + 1;
            return rows * granule / (granule + 1);
        }
    }
}
