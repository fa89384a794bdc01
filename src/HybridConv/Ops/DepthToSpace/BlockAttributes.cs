using HybridConv.Graphs;

namespace HybridConv.Ops.DepthToSpace;

/// <summary>
/// How a block of Size x Size pixels lies in the channels of one deep pixel. Both sides are seen as one tensor of six axes:
/// image, row, row in the block, column, column in the block and channel (channels-first: image, channel, row, ...).
/// </summary>
/// <param name="Size">Pixels along each side of a block.</param>
/// <param name="ColumnRowDepth">Whether a channel's Size x Size values lie together in the deep tensor; otherwise a pixel's channels do.</param>
/// <param name="ChannelsLast">Whether channels are the last axis rather than axis 1.</param>
internal sealed record BlockAttributes(long Size, bool ColumnRowDepth = false, bool ChannelsLast = false)
{
    public (int Channels, int Rows, int Columns) AxesOf(Inference x)
    {
        if (x.Shape(0).Rank != 4)
            throw x.Error($"{x.Shape(0)} is not a batch of images");
        if (Size is < 1 or > short.MaxValue)
            throw x.Error($"the blocksize is {Size}; it must be 1 to {short.MaxValue}");
        return Places;
    }

    private (int Channels, int Rows, int Columns) Places => ChannelsLast ? (3, 1, 2) : (1, 2, 3);

    /// <summary>The six axes of the tensor with many channels.</summary>
    public TensorView Deep(TensorView view)
    {
        (int channels, int rows, int columns) = Places;
        long count = view.Shape[channels] / (Size * Size), stride = view.Strides[channels];
        (long row, long column, long channel) = ColumnRowDepth
            ? (Size * stride, stride, Size * Size * stride)
            : (Size * count * stride, count * stride, stride);
        return Six(view, view.Shape[rows], view.Strides[rows], row, view.Shape[columns], view.Strides[columns], column, count, channel);
    }

    /// <summary>The six axes of the tensor with many pixels.</summary>
    public TensorView Wide(TensorView view)
    {
        (int channels, int rows, int columns) = Places;
        long row = view.Strides[rows], column = view.Strides[columns];
        return Six(view, view.Shape[rows] / Size, row * Size, row, view.Shape[columns] / Size, column * Size, column, view.Shape[channels], view.Strides[channels]);
    }

    private TensorView Six(TensorView view, long rows, long rowStride, long rowInBlock, long columns, long columnStride, long columnInBlock, long channels, long channelStride)
    {
        long images = view.Shape[0], imageStride = view.Strides[0];
        return ChannelsLast
            ? new TensorView(new Shape(images, rows, Size, columns, Size, channels), view.Offset, [imageStride, rowStride, rowInBlock, columnStride, columnInBlock, channelStride])
            : new TensorView(new Shape(images, channels, rows, Size, columns, Size), view.Offset, [imageStride, channelStride, rowStride, rowInBlock, columnStride, columnInBlock]);
    }
}
