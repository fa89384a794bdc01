using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Conv;

/// <summary>
/// How the direct kernel lays out and cuts one spec. Where lines reach into the padding, or a group's channels are too thin to be read in place, the input rows
/// of a block are first copied next to each other with zeros where the padding is; else the image is read where it stands.
/// <code>
/// image row:         x0 x1 x2 x3          copied row:   0 x0 x1 x2 x3 0      one pixel = the channels of one group
/// output pixel 0 sees 3 pixels from here: ............. ^                    pixel 1 the same, Stride pixels later, ...
/// </code>
/// </summary>
internal sealed class DirectGeometry
{
    /// <summary>Channels of a group from which on reading them one filter position at a time is as good as reading a filter row at once.</summary>
    private const int ThickChannels = 32;

    public DirectGeometry(ConvSpec spec, CpuInfo machine)
    {
        (Window depth, Window height, Window width) = (spec.Windows[0], spec.Windows[1], spec.Windows[2]);
        int last = width.Output - 1, channels = spec.GroupChannels;
        bool padded = width.Start(0) < 0 || width.EndTap(last) < width.Kernel;
        bool dense = spec.Input.Strides[ImageView.Width] == channels;
        Copies = padded || (!dense && width.Dilation == 1 && channels < ThickChannels);
        MergesColumns = width.Dilation == 1 && (Copies || dense);
        Columns = (long)last * width.Stride + width.Extent;

        double rowBytes = Columns * (double)channels * sizeof(float);
        int units = Math.Max(1, spec.Batch * depth.Output * spec.Groups);
        Macs = (double)spec.Pixels * spec.Filters * spec.Depth;
        Panels = new PanelLayout(machine.Lanes, spec.GroupFilters, spec.Depth);
        Blocking = Blocking.Choose(
            spec.Pixels == 0 ? 0 : height.Output, 1, rowBytes * height.Stride * depth.Kernel, Panels.Panels, Panels.Start(1) * (double)sizeof(float), Macs / units,
            Math.Max(1, machine.Threads / units));
        Tasks = spec.Batch * depth.Output * spec.Groups * Blocking.PixelBlocks * Blocking.PanelRanges;

        long rows = Math.Min(height.Input, (Blocking.BlockPixels - 1L) * height.Stride + height.Extent);
        Segments = (long)depth.Kernel * height.Kernel * (MergesColumns ? 1 : width.Kernel);
        RowFloats = Columns * channels;
        SliceFloats = rows * RowFloats;
        CopiedBytes = Copies ? (double)SliceFloats * depth.Kernel * sizeof(float) : 0;
    }

    public PanelLayout Panels { get; }

    /// <summary>Lines of one slice of an image by panels of one group.</summary>
    public Blocking Blocking { get; }

    public int Tasks { get; }
    public double Macs { get; }

    /// <summary>Whether input rows are copied.</summary>
    public bool Copies { get; }

    /// <summary>Whether the pixels under a filter row are one contiguous segment.</summary>
    public bool MergesColumns { get; }

    /// <summary>The most segments of a reduction.</summary>
    public long Segments { get; }

    /// <summary>Pixels of a copied row: all that its line's outputs see.</summary>
    public long Columns { get; }

    /// <summary>Floats of a copied row.</summary>
    public long RowFloats { get; }

    /// <summary>Floats of the copied rows under one filter slice.</summary>
    public long SliceFloats { get; }

    public double CopiedBytes { get; }

    /// <summary>The segments' list, then the copied rows.</summary>
    public double ScratchBytes => SegmentBytes + CopiedBytes;

    public unsafe double SegmentBytes => (Segments * (double)sizeof(Segment) + AlignedMemory.Alignment - 1) / AlignedMemory.Alignment * AlignedMemory.Alignment;
}
