using HybridConv.Graphs;

namespace HybridConv.Ops.Windows;

/// <summary>Image tensors of either layout and of one to three spatial axes, seen as batch, channel, depth, height, width. Missing spatial axes have size 1.</summary>
internal static class ImageView
{
    public const int Batch = 0, Channel = 1, Depth = 2, Height = 3, Width = 4;

    /// <summary>The largest number of spatial axes.</summary>
    public const int MaxSpatial = 3;

    public static TensorView Of(Value value, bool channelsLast) => Of(value.KnownView, channelsLast);

    public static TensorView Of(TensorView view, bool channelsLast)
    {
        int spatial = view.Shape.Rank - 2, missing = MaxSpatial - spatial, channel = channelsLast ? spatial + 1 : 1, first = channelsLast ? 1 : 2;
        long[] dims = [view.Shape[0], view.Shape[channel], 1, 1, 1], strides = [view.Strides[0], view.Strides[channel], 0, 0, 0];
        for (int axis = 0; axis < spatial; axis++)
        {
            dims[Depth + missing + axis] = view.Shape[first + axis];
            strides[Depth + missing + axis] = view.Strides[first + axis];
        }
        return new TensorView(new Shape(dims), view.Offset, strides);
    }

    /// <summary>Why vectors of a pixel's channels cannot be read and written where they stand; null when they can.</summary>
    /// <param name="channelsLast">The layout of the images.</param>
    /// <param name="images">In this class's axes; null for one that is absent.</param>
    public static string? WhyNoVectors(bool channelsLast, params ReadOnlySpan<TensorView?> images)
    {
        if (!channelsLast)
            return "the image is channels-first";
        foreach (TensorView? image in images)
            if (image is not null && image.Shape[Channel] > 1 && image.Strides[Channel] != 1)
                return $"channels lie {image.Strides[Channel]} elements apart";
        return null;
    }

    /// <summary>The window of a missing spatial axis.</summary>
    public static readonly Window Point = new(1, 1, 1, 1, 1, 0, 0);

    /// <summary>Windows over depth, height and width: <see cref="Point"/> for missing leading axes.</summary>
    public static Window[] Of(ReadOnlySpan<Window> windows)
    {
        Window[] all = [Point, Point, Point];
        windows.CopyTo(all.AsSpan(MaxSpatial - windows.Length));
        return all;
    }

    /// <summary>Refuses images that are not of rank 3, 4 or 5.</summary>
    public static void CheckRank(Inference x, Shape image)
    {
        if (image.Rank is < 3 or > MaxSpatial + 2)
            throw x.Error($"the image {image} has rank {image.Rank}; 3, 4 and 5 are supported");
    }
}
