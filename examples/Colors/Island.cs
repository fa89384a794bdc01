namespace Colors;

/// <summary>A surface that has one spectrum.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Colour">RGB on a map.</param>
/// <param name="Reflectance">The share of light that it throws back, by the wavelength in micrometres.</param>
internal sealed record Material(string Name, double[] Colour, Func<double, double> Reflectance);

/// <summary>
/// An island that an imaging spectrometer may look at, and what no spectrometer knows: how much of each material is in each pixel. The spectra have the shapes of
/// real ones, drawn by hand: chlorophyll's green bump and red edge, the water bands of leaves and sand, iron in rock, ice.
/// </summary>
/// <param name="Width">Pixels in a row.</param>
/// <param name="Height">Rows.</param>
/// <param name="Abundances">Pixels x materials: shares that sum to one.</param>
internal sealed record Island(int Width, int Height, float[] Abundances)
{
    public const int Bands = 32;

    public static IReadOnlyList<Material> Materials { get; } =
    [
        new("water", [36, 78, 150], w => 0.01 + 0.09 * Bump(w, 0.47, 0.1)),
        new("sand", [232, 206, 150], w => 0.14 + 0.34 * Rise(w, 0.56, 0.08) - 0.04 * Bump(w, 1.42, 0.06)),
        new("forest", [58, 128, 62],
            w => 0.03 + 0.06 * Bump(w, 0.55, 0.035) + 0.42 * Rise(w, 0.715, 0.012) - 0.07 * Bump(w, 1.2, 0.06) - 0.24 * Bump(w, 1.45, 0.09)),
        new("rock", [134, 112, 104], w => 0.16 + 0.11 * Rise(w, 0.6, 0.08) - 0.07 * Bump(w, 0.95, 0.15)),
        new("snow", [246, 250, 254], w => 0.95 - 0.7 * Rise(w, 1.28, 0.09) - 0.14 * Bump(w, 1.03, 0.04) - 0.14 * Bump(w, 1.5, 0.07)),
    ];

    /// <summary>The wavelength of a band in micrometres: from violet to short-wave infrared.</summary>
    public static double Wavelength(int band) => 0.4 + 0.04 * band;

    /// <summary>Bands x materials: the reflectance of every material in every band.</summary>
    public static double[,] Spectra() => Matrix.Make(Bands, Materials.Count, (band, m) => Materials[m].Reflectance(Wavelength(band)));

    /// <summary>An island of any size in pixels.</summary>
    public static Island Draw(int width, int height)
    {
        var terrain = new SmoothNoise(seed: 20, cells: 4, octaves: 7);
        var moisture = new SmoothNoise(seed: 3, cells: 6, octaves: 6);
        var abundances = new List<float>(width * height * Materials.Count);
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                double u = (double)x / width, v = (double)y / height;
                double fromCentre = Math.Sqrt((u - 0.5) * (u - 0.5) + (v - 0.5) * (v - 0.5));
                abundances.AddRange(Shares(0.8 - 2.3 * fromCentre + 0.3 * terrain.At(u, v), moisture.At(u, v)));
            }
        return new Island(width, height, [.. abundances]);
    }

    /// <summary>Of each material, smooth in both arguments and summing to one: the exponentials of what speaks for it, by the sum of all.</summary>
    /// <param name="elevation">0 is the shore, 1 a summit.</param>
    /// <param name="moisture">About -1 to 1.</param>
    private static IEnumerable<float> Shares(double elevation, double moisture)
    {
        double[] weights =
        [
            Math.Exp(-25 * elevation),
            Math.Exp(2.5 - Square((elevation - 0.02) / 0.05)),
            Math.Exp(3 + 4 * moisture - Square((elevation - 0.25) / 0.16)),
            Math.Exp(2.5 - 2 * moisture - Square((elevation - 0.5) / 0.22)),
            Math.Exp(26 * (elevation - 0.54)),
        ];
        double sum = weights.Sum();
        return weights.Select(weight => (float)(weight / sum));
    }

    private static double Bump(double wavelength, double centre, double width) => Math.Exp(-Square((wavelength - centre) / width) / 2);

    private static double Rise(double wavelength, double centre, double width) => 1 / (1 + Math.Exp((centre - wavelength) / width));

    private static double Square(double x) => x * x;
}
