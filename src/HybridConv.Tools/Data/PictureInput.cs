using HybridConv.Graphs;

namespace HybridConv.Tools.Data;

/// <summary>How a picture is brought to a network's size.</summary>
internal enum Fit
{
    /// <summary>The largest centred square, resized.</summary>
    Centre,
    /// <summary>All of it, resized without keeping proportions.</summary>
    Stretch,
    /// <summary>All of it in its proportions, with a grey border.</summary>
    Letterbox,
}

/// <summary>How a picture becomes a network's input: <c>(x * scale - mean) / std</c> per channel, after the channels have been swapped if they are.</summary>
/// <param name="Fit">How it gets the network's height and width.</param>
/// <param name="Scale">Applied first, to values of 0 to 255.</param>
/// <param name="Mean">One for all channels or one per channel.</param>
/// <param name="Std">One for all channels or one per channel.</param>
/// <param name="SwapRedBlue">Whether the network takes BGR.</param>
/// <param name="ChannelsLast">The order of the network's input; null to tell it from the declared shape.</param>
/// <param name="Size">Height and width where the network leaves them open; null for the picture's own.</param>
internal sealed record PictureInput(Fit Fit, float Scale, float[] Mean, float[] Std, bool SwapRedBlue, bool? ChannelsLast, Extent? Size)
{
    /// <summary>The border of a letterbox: the grey that detectors are trained with.</summary>
    private const float Border = 114;

    public HostTensor Load(string path, TensorInfo input)
    {
        Layout layout = LayoutOf(input);
        return Prepare(Picture.Load(path, layout.Channels), input, layout);
    }

    /// <exception cref="UsageException">The input does not take such pictures.</exception>
    public HostTensor Prepare(Picture picture, TensorInfo input)
    {
        Layout layout = LayoutOf(input);
        return picture.Channels == layout.Channels
            ? Prepare(picture, input, layout)
            : throw new UsageException($"{input} takes pictures of {layout.Channels} channels; this one has {picture.Channels}");
    }

    private HostTensor Prepare(Picture picture, TensorInfo input, Layout layout)
    {
        int side = Math.Min(picture.Width, picture.Height);
        int width = layout.Width ?? Size?.Width ?? (Fit == Fit.Centre ? side : picture.Width);
        int height = layout.Height ?? Size?.Height ?? (Fit == Fit.Centre ? side : picture.Height);
        if ((long)width * height > Picture.MaxPixels)
            throw new UsageException($"'{input.Name}' takes pictures of {width} x {height} pixels, over the limit of {Picture.MaxPixels}");

        var pixels = new float[width * height * layout.Channels];
        if (Fit == Fit.Letterbox)
            Preprocess.Letterbox(picture.Pixels, picture.Width, picture.Height, layout.Channels, pixels, width, height, Border);
        else
            Preprocess.Resize(picture.Pixels, picture.Width, picture.Height, layout.Channels, Crop(picture), pixels, width, height);
        if (SwapRedBlue && layout.Channels == 3)
            Preprocess.SwapRedBlue(pixels.AsSpan(), 3);
        Preprocess.Normalize(pixels, Scale, PerChannel(Mean, layout.Channels, "--mean"), PerChannel(Std, layout.Channels, "--std"));

        long[] shape = layout.ChannelsLast ? [layout.Batch, height, width, layout.Channels] : [layout.Batch, layout.Channels, height, width];
        return Convert(layout.ChannelsLast ? pixels : Planar(pixels, layout.Channels), shape, input);
    }

    private PixelRectangle Crop(Picture picture) => Fit == Fit.Centre
        ? PixelRectangle.CentreSquare(picture.Width, picture.Height)
        : PixelRectangle.All(picture.Width, picture.Height);

    private static float[] Planar(float[] pixels, int channels)
    {
        var planar = new float[pixels.Length];
        Preprocess.ToPlanar<float>(pixels, channels, planar);
        return planar;
    }

    private static float[] PerChannel(float[] values, int channels, string option) =>
        values.Length == channels ? values :
        values.Length == 1 ? [.. Enumerable.Repeat(values[0], channels)] :
        channels == 1 ? [values.Average()] :
        throw new UsageException($"{option} has {values.Length} values, and the network takes pictures of {channels} channels");

    /// <summary>The batch repeated, in the type that the network takes.</summary>
    private static HostTensor Convert(float[] image, long[] shape, TensorInfo input)
    {
        var batch = new float[checked((int)new Shape(shape).Elements)];
        for (int start = 0; start < batch.Length; start += image.Length)
            image.CopyTo(batch, start);
        return input.Type switch
        {
            ElementType.Float32 => HostTensor.Of<float>(input.Name, shape, batch),
            ElementType.Float16 => HostTensor.Of<Half>(input.Name, shape, Array.ConvertAll(batch, x => (Half)x)),
            ElementType.UInt8 => HostTensor.Of<byte>(input.Name, shape, Array.ConvertAll(batch, x => (byte)Math.Clamp(MathF.Round(x), 0, 255))),
            _ => throw new UsageException($"'{input.Name}' takes {input.Type.Label()}, which is not a picture"),
        };
    }

    private sealed record Layout(bool ChannelsLast, int Batch, int Channels, int? Height, int? Width);

    private Layout LayoutOf(TensorInfo input)
    {
        if (input.Dimensions is not { Count: 4 } dims)
            throw new UsageException($"{input} does not take pictures: an input of four axes does");
        static bool IsColours(Dimension dim) => dim.Size is 1 or 3;
        bool last = ChannelsLast ?? (!IsColours(dims[1]) && IsColours(dims[3]));
        Dimension channels = dims[last ? 3 : 1];
        if (!channels.IsOpen && !IsColours(channels))
            throw new UsageException($"{input} takes {channels} channels; a picture has 1 or 3 (--layout says which axis the channels are)");
        static int? Fixed(Dimension dim) => dim.IsOpen ? null : checked((int)dim.Size);
        return new Layout(last, Fixed(dims[0]) ?? 1, Fixed(channels) ?? 3, Fixed(dims[last ? 1 : 2]), Fixed(dims[last ? 2 : 3]));
    }
}
