namespace Colors;

/// <summary>
/// How much of each material is in each pixel of a scene of many bands: linear spectral unmixing (N. Keshava and J. F. Mustard, Spectral unmixing, IEEE Signal Processing
/// Magazine 19(1), 2002, 44-57). A pixel is the mean of its materials' spectra, weighted by their shares: the spectra E are a 1x1 convolution from shares to bands.
/// The shares that explain a pixel best in the sense of least squares are another: the pseudo-inverse (E'E)^-1 E', computed in double.
/// </summary>
internal static class SpectralUnmixing
{
    /// <summary>Of shares, which are 0 to 1.</summary>
    private const double MaxError = 1e-5;

    /// <summary>The bands that become red, green and blue: those at 0.64, 0.56 and 0.48 micrometres, as for the eye.</summary>
    private static readonly int[] TrueColour = [6, 4, 2];

    /// <summary>Those at 0.84, 0.64 and 0.56 micrometres, as on colour-infrared film: plants are red.</summary>
    private static readonly int[] FalseColour = [11, 6, 4];

    /// <summary>The reflectance that is white in a picture.</summary>
    private const double White = 0.6;

    public static Page Show(Island island)
    {
        IReadOnlyList<Material> materials = Island.Materials;
        float[] scene = Mixing().Apply(island.Abundances);
        float[] found = Unmixing().Apply(scene);
        var legend = new PixelMatrix(Matrix.Make(3, materials.Count, (c, m) => materials[m].Colour[c]), []);
        return new Page(
            $"Spectral unmixing (Keshava, Mustard 2002): {Island.Bands} bands to {materials.Count} materials by the pseudo-inverse of their spectra",
            [$"a drawn scene of {island.Width} x {island.Height} pixels, so that the truth is known"],
            [.. materials.Select((material, m) => new Check($"root mean square error, {material.Name}", RootMeanSquareError(found, island.Abundances, m), MaxError))],
            [
                ("scene-true-colour", Photograph(island, scene, TrueColour)),
                ("scene-false-colour", Photograph(island, scene, FalseColour)),
                ("map", Picture.OfFloats(island.Width, island.Height, legend.Apply(found))),
                .. materials.Select((material, m) => ($"share-of-{material.Name}", Picture.OfFloats(island.Width, island.Height, Share(m).Apply(found)))),
            ]);
    }

    /// <summary>Shares to a scene: 32 output channels.</summary>
    public static PixelMatrix Mixing() => new(Island.Spectra(), []);

    /// <summary>A scene to shares: 32 input channels.</summary>
    public static PixelMatrix Unmixing()
    {
        double[,] spectra = Island.Spectra(), transpose = Matrix.Transpose(spectra);
        double[,] inverse = Matrix.Power(Matrix.Product(transpose, spectra), -1);
        return new PixelMatrix(Matrix.Product(inverse, transpose), []);
    }

    /// <summary>Of one material's share.</summary>
    public static double RootMeanSquareError(float[] found, float[] truth, int material)
    {
        double sum = 0;
        for (int i = material; i < truth.Length; i += Island.Materials.Count)
            sum += ((double)found[i] - truth[i]) * ((double)found[i] - truth[i]);
        return Math.Sqrt(sum / (truth.Length / Island.Materials.Count));
    }

    /// <summary>Three bands of a scene: a matrix that picks them, and a root, as screens want light.</summary>
    private static Picture Photograph(Island island, float[] scene, int[] bands)
    {
        float[] light = new PixelMatrix(Matrix.Make(3, Island.Bands, (c, band) => band == bands[c] ? 1 / White : 0), []).Apply(scene);
        return Picture.OfFloats(island.Width, island.Height, Array.ConvertAll(light, reflectance => 255 * MathF.Sqrt(reflectance)));
    }

    /// <summary>One material's share: none is black, all is white.</summary>
    private static PixelMatrix Share(int material) => new(Matrix.Make(1, Island.Materials.Count, (_, m) => m == material ? 255 : 0), []);
}
