using System.Globalization;

namespace Colors;

/// <summary>
/// Exaggerates the differences between a picture's colours and roughly keeps their hues: A. R. Gillespie, A. B. Kahle and R. E. Walker, Color enhancement of highly
/// correlated images. I. Decorrelation and HSI contrast stretches, Remote Sensing of Environment 20 (1986), 209-235. Channels are rotated to their principal axes, every
/// axis is stretched to the same deviation, and the result is rotated back: with the covariance C = V diag(lambda) V', one matrix, deviation * V diag(lambda^-1/2) V'.
/// </summary>
internal static class DecorrelationStretch
{
    /// <summary>Of every channel of the result: a byte holds 2.5 deviations to either side.</summary>
    private const double Mean = 127.5, Deviation = 50;

    /// <summary>The variance that rounding to bytes adds: an axis along which a picture varies no more than that holds nothing to stretch, and is left out.</summary>
    private const double RoundingVariance = 1.0 / 12;

    /// <summary>Of a covariance by the wanted variance.</summary>
    private const double MaxError = 1e-4;

    public static Page Show(Picture photo)
    {
        float[] pixels = photo.ToFloats();
        (double[] mean, double[,] covariance) = Moments(pixels);
        float[] stretched = Of(mean, covariance).Apply(pixels);
        double redGreen = Correlation(covariance, 0, 1), greenBlue = Correlation(covariance, 1, 2), blueRed = Correlation(covariance, 2, 0);
        double clipped = stretched.Count(value => value is < -0.5f or > 255.5f) / (double)stretched.Length;
        return new Page(
            "Decorrelation stretch (Gillespie, Kahle, Walker 1986): the picture's own principal axes, one matrix and one bias",
            [
                string.Create(
                    CultureInfo.InvariantCulture, $"correlations before: red and green {redGreen:0.000}, green and blue {greenBlue:0.000}, blue and red {blueRed:0.000}"),
                string.Create(CultureInfo.InvariantCulture, $"{clipped:P1} of the values are clipped to the range of a byte, after the check"),
            ],
            [new Check("covariance, by the variance, off the unit matrix's", Error(stretched, covariance), MaxError)],
            [("stretched", Picture.OfFloats(photo.Width, photo.Height, stretched))]);
    }

    /// <summary>The stretch of pixels with these moments.</summary>
    public static PixelMatrix Of(double[] mean, double[,] covariance)
    {
        double[,] root = Matrix.Power(covariance, -0.5, RoundingVariance);
        return PixelMatrix.Around(Matrix.Make(3, 3, (i, j) => Deviation * root[i, j]), mean, [Mean, Mean, Mean]);
    }

    /// <summary>The mean and the covariance of RGB pixels, in double.</summary>
    public static (double[] Mean, double[,] Covariance) Moments(ReadOnlySpan<float> pixels)
    {
        double red = 0, green = 0, blue = 0;
        for (int i = 0; i < pixels.Length; i += 3)
            (red, green, blue) = (red + pixels[i], green + pixels[i + 1], blue + pixels[i + 2]);
        double count = pixels.Length / 3;
        double[] mean = [red / count, green / count, blue / count];

        double redRed = 0, redGreen = 0, redBlue = 0, greenGreen = 0, greenBlue = 0, blueBlue = 0;
        for (int i = 0; i < pixels.Length; i += 3)
        {
            double r = pixels[i] - mean[0], g = pixels[i + 1] - mean[1], b = pixels[i + 2] - mean[2];
            redRed += r * r;
            redGreen += r * g;
            redBlue += r * b;
            greenGreen += g * g;
            greenBlue += g * b;
            blueBlue += b * b;
        }
        double[,] sums = { { redRed, redGreen, redBlue }, { redGreen, greenGreen, greenBlue }, { redBlue, greenBlue, blueBlue } };
        return (mean, Matrix.Make(3, 3, (i, j) => sums[i, j] / count));
    }

    /// <summary>
    /// How far the covariance of the result, by the wanted variance, is from the unit matrix, or, where axes were left out, from the projection on the others.
    /// </summary>
    public static double Error(ReadOnlySpan<float> stretched, double[,] covarianceBefore)
    {
        double[,] found = Moments(stretched).Covariance, wanted = Matrix.Power(covarianceBefore, 0, RoundingVariance);
        return found.Cast<double>().Zip(wanted.Cast<double>(), (f, w) => Math.Abs(f / (Deviation * Deviation) - w)).Max();
    }

    private static double Correlation(double[,] covariance, int i, int j) => covariance[i, j] / Math.Sqrt(covariance[i, i] * covariance[j, j]);
}
