using System.Globalization;

namespace Colors;

/// <summary>
/// Brightness and two colour differences instead of red, green and blue: the weights of ITU-R BT.601, in full range as JPEG files have them (JFIF, ITU-T T.871).
/// All are 0 to 255. Cb = 128 + (B - Y) / 1.772 and Cr = 128 + (R - Y) / 1.402, so that the differences fill the range of a byte. Either direction is a matrix and a bias.
/// </summary>
internal static class YCbCr
{
    /// <summary>
    /// Bytes there and bytes back are at most this far apart. Rounding moves Y, Cb and Cr by at most 1/2 each, and so does clipping: their largest value is 255.5.
    /// Therefore red moves by at most (1 + 1.402) / 2 = 1.201, green by (1 + 0.344 + 0.714) / 2 = 1.029 and blue by (1 + 1.772) / 2 = 1.386: less than 3/2, so that
    /// the nearest byte is the same or a neighbour.
    /// </summary>
    private const int MaxDifference = 1;

    /// <summary>BT.601's shares of red, green and blue in the brightness.</summary>
    private const double Red = 0.299, Blue = 0.114, Green = 1 - Red - Blue;

    /// <summary>What divides B - Y and R - Y to fill the same range as Y.</summary>
    private const double CbSpan = 2 * (1 - Blue), CrSpan = 2 * (1 - Red);

    /// <summary>In pictures, the colour differences have twice the contrast: those of most photographs are small.</summary>
    private const double Doubled = 2;

    private static readonly double[] Black = [0, 0, 0], BlackInYCbCr = [0, 128, 128], Grey = [128, 128, 128];

    public static PixelMatrix FromRgb { get; } = PixelMatrix.Around(
        new[,]
        {
            { Red, Green, Blue },
            { -Red / CbSpan, -Green / CbSpan, (1 - Blue) / CbSpan },
            { (1 - Red) / CrSpan, -Green / CrSpan, -Blue / CrSpan },
        },
        Black, BlackInYCbCr);

    /// <summary>R and B from the differences; G is what they leave of Y.</summary>
    public static PixelMatrix ToRgb { get; } = PixelMatrix.Around(
        new[,]
        {
            { 1, 0, CrSpan },
            { 1, -Blue * CbSpan / Green, -Red * CrSpan / Green },
            { 1, CbSpan, 0 },
        },
        BlackInYCbCr, Black);

    public static Page Show(Picture photo)
    {
        Picture planes = FromRgb.Apply(photo);
        (int largest, double changed) = Compare(photo, ToRgb.Apply(planes));
        return new Page(
            "YCbCr and back (ITU-R BT.601, full range, as in JFIF): a matrix and a bias each way, YCbCr rounded to bytes in between",
            [string.Create(CultureInfo.InvariantCulture, $"{changed:P1} of the pixels come back changed")],
            [
                new Check("largest difference, of 255, in this picture", largest, MaxDifference),
                new Check("largest difference, of 255, in all 16,777,216 colours", LargestDifferenceOfAllColours(), MaxDifference),
            ],
            [
                ("photo", photo),
                ("y", Plane(0, 1).Apply(planes)), ("cb", Plane(1, Doubled).Apply(planes)), ("cr", Plane(2, Doubled).Apply(planes)),
                ("y-and-cb", Tint(1).Apply(planes)), ("y-and-cr", Tint(2).Apply(planes)),
            ]);
    }

    /// <summary>Every colour that bytes can hold, there and back, a level of red at a time.</summary>
    public static int LargestDifferenceOfAllColours() => ParallelEnumerable.Range(0, 256).Max(red =>
    {
        var level = new Picture(256, 256, 3, new byte[256 * 256 * 3]);
        for (int i = 0; i < 256 * 256; i++)
            (level.Pixels[3 * i], level.Pixels[3 * i + 1], level.Pixels[3 * i + 2]) = ((byte)red, (byte)(i >> 8), (byte)i);
        return Compare(level, ToRgb.Apply(FromRgb.Apply(level))).Largest;
    });

    /// <summary>The largest difference of two bytes, and the share of pixels that differ.</summary>
    public static (int Largest, double Changed) Compare(Picture before, Picture after)
    {
        int largest = 0, changed = 0;
        for (int pixel = 0; pixel < before.Pixels.Length; pixel += 3)
        {
            int difference = 0;
            for (int i = pixel; i < pixel + 3; i++)
                difference = Math.Max(difference, Math.Abs(before.Pixels[i] - after.Pixels[i]));
            largest = Math.Max(largest, difference);
            changed += difference > 0 ? 1 : 0;
        }
        return (largest, (double)changed / (before.Width * before.Height));
    }

    /// <summary>One of Y, Cb and Cr in shades of grey, with the contrast changed.</summary>
    private static PixelMatrix Plane(int channel, double contrast) =>
        PixelMatrix.Around(Matrix.Make(1, 3, (_, c) => c == channel ? contrast : 0), Grey, [Grey[channel]]);

    /// <summary>The way back with one of the two colour differences doubled and the other left out.</summary>
    private static PixelMatrix Tint(int channel) =>
        PixelMatrix.Around(Matrix.Make(3, 3, (k, c) => c == 0 ? ToRgb.Weights[k, c] : c == channel ? Doubled * ToRgb.Weights[k, c] : 0), Grey, Grey);
}
