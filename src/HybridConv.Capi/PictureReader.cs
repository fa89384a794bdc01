using HybridConv.Tools.Data;

namespace HybridConv.Capi;

/// <summary>Pictures as C callers give them.</summary>
internal static unsafe class PictureReader
{
    /// <param name="settings">The caller's.</param>
    /// <param name="layout">The order of the input; where it is the model's, the shape tells.</param>
    public static PictureInput Settings(PictureSettings settings, ImageLayout layout)
    {
        float[] std = Array.ConvertAll(settings.Std.ToArray(), value => value == 0 ? 1 : value);
        return new PictureInput(
            SettingsReader.Choice<Tools.Data.Fit>(settings.Fit, "fit"), settings.Scale == 0 ? 1 : settings.Scale, settings.Mean.ToArray(), std, settings.SwapRedBlue != 0, layout == ImageLayout.ChannelsLast ? true : null, Size: null);
    }

    /// <summary>A copy of the caller's pixels, rows side by side.</summary>
    public static Picture Pixels(PictureView picture)
    {
        if (picture.Pixels is null)
            throw CallException.NullPointer("picture->pixels");
        if (picture.Width < 1 || picture.Height < 1 || (long)picture.Width * picture.Height > Picture.MaxPixels || picture.Channels is not (1 or 3))
            throw new CallException(Status.Argument, $"a picture of {picture.Width} x {picture.Height} pixels of {picture.Channels} channels: 1 or 3 channels, and at most {Picture.MaxPixels} pixels, are wanted");
        int row = picture.Width * picture.Channels;
        if (picture.RowBytes != 0 && picture.RowBytes < row)
            throw new CallException(Status.Argument, $"picture->row_bytes is {picture.RowBytes}, and a row has {row} bytes");
        nint stride = picture.RowBytes == 0 ? row : picture.RowBytes;
        var pixels = new byte[row * picture.Height];
        for (int y = 0; y < picture.Height; y++)
            new ReadOnlySpan<byte>(picture.Pixels + y * stride, row).CopyTo(pixels.AsSpan(y * row));
        return new Picture(picture.Width, picture.Height, picture.Channels, pixels);
    }
}
