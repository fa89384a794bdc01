using Colors;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Examples;

public sealed class ColorsTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("colors-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void YCbCr_has_the_coefficients_that_JFIF_prints()
    {
        Near(new[,] { { 0.299, 0.587, 0.114 }, { -0.1687, -0.3313, 0.5 }, { 0.5, -0.4187, -0.0813 } }, YCbCr.FromRgb.Weights, 1e-4);
        Near(new[,] { { 1, 0, 1.402 }, { 1, -0.34414, -0.71414 }, { 1, 1.772, 0 } }, YCbCr.ToRgb.Weights, 1e-5);
        Near(Unit(3), Matrix.Product(YCbCr.ToRgb.Weights, YCbCr.FromRgb.Weights), 1e-12);
        Picture blackWhiteRedGreenBlue = Row(0, 0, 0, 255, 255, 255, 255, 0, 0, 0, 255, 0, 0, 0, 255);
        Assert.Equal<byte>([0, 128, 128, 255, 128, 128, 76, 85, 255, 150, 44, 21, 29, 255, 107], YCbCr.FromRgb.Apply(blackWhiteRedGreenBlue).Pixels);
    }

    [Fact]
    public void Every_colour_comes_back_from_YCbCr_bytes_with_at_most_one_step_of_difference() => Assert.Equal(1, YCbCr.LargestDifferenceOfAllColours());

    [Fact]
    public void Every_number_of_either_matrix_matters_to_the_way_back()
    {
        byte[] levels = [0, 51, 102, 153, 204, 255];
        Picture cube = Row([.. from r in levels from g in levels from b in levels from level in new[] { r, g, b } select level]);
        Assert.InRange(Difference(YCbCr.FromRgb, YCbCr.ToRgb), 0, 1);
        Assert.All(OneNumberOff(YCbCr.FromRgb, 0.02, inBias: 3), wrong => Assert.True(Difference(wrong, YCbCr.ToRgb) > 1));
        Assert.All(OneNumberOff(YCbCr.ToRgb, 0.02, inBias: 3), wrong => Assert.True(Difference(YCbCr.FromRgb, wrong) > 1));

        int Difference(PixelMatrix there, PixelMatrix back) => YCbCr.Compare(cube, back.Apply(there.Apply(cube))).Largest;
    }

    [Fact]
    public void Differences_and_changed_pixels_are_counted()
    {
        Assert.Equal((3, 0.5), YCbCr.Compare(Row(1, 2, 3, 4, 5, 6), Row(1, 2, 3, 4, 8, 5)));
        Assert.Equal((0, 0), YCbCr.Compare(Row(1, 2, 3), Row(1, 2, 3)));
    }

    /// <summary>Of a picture's three axes, some may hold nothing, or nothing but rounding: those of grey pictures, of two colours, of one.</summary>
    public static TheoryData<double, double, double> Deviations =>
        new() { { 60, 12, 3 }, { 40, 40, 40 }, { 70, 3, 0.6 }, { 50, 9, 0.2 }, { 50, 9, 0 }, { 50, 0, 0 }, { 0, 0, 0 } };

    [Theory, MemberData(nameof(Deviations))]
    public void A_stretched_picture_is_decorrelated(double first, double second, double third)
    {
        float[] pixels = Correlated(first, second, third);
        (double[] mean, double[,] covariance) = DecorrelationStretch.Moments(pixels);
        float[] stretched = DecorrelationStretch.Of(mean, covariance).Apply(pixels);
        Assert.InRange(DecorrelationStretch.Error(stretched, covariance), 0, 1e-4);
        Assert.All(DecorrelationStretch.Moments(stretched).Mean, m => Assert.Equal(127.5, m, 1e-2));
        int axes = new[] { first, second, third }.Count(deviation => deviation * deviation > 1.0 / 12);
        double[,] after = DecorrelationStretch.Moments(stretched).Covariance;
        Assert.Equal(axes * 50.0 * 50, after[0, 0] + after[1, 1] + after[2, 2], 0.5);
    }

    [Fact]
    public void Every_weight_of_the_stretch_matters()
    {
        float[] pixels = Correlated(60, 12, 3);
        (double[] mean, double[,] covariance) = DecorrelationStretch.Moments(pixels);
        PixelMatrix right = DecorrelationStretch.Of(mean, covariance);
        Assert.All(OneNumberOff(right, 0.02), wrong => Assert.True(DecorrelationStretch.Error(wrong.Apply(pixels), covariance) > 1e-4));
    }

    /// <summary>Of all matrices that decorrelate, the one that rotates to the axes, stretches and rotates back is symmetric and has the covariance's axes: hues stay.</summary>
    [Fact]
    public void The_stretch_rotates_back()
    {
        (double[] mean, double[,] covariance) = DecorrelationStretch.Moments(Correlated(60, 12, 3));
        double[,] weights = DecorrelationStretch.Of(mean, covariance).Weights;
        Near(Matrix.Transpose(weights), weights, 1e-12);
        Near(Matrix.Product(covariance, weights), Matrix.Product(weights, covariance), 1e-8);
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(5), InlineData(8)]
    public void Powers_of_a_symmetric_matrix_obey_their_laws(int size)
    {
        float[] random = RandomData.Floats(size, size * size);
        double[,] square = Matrix.Make(size, size, (i, j) => random[i * size + j]), symmetric = Matrix.Product(square, Matrix.Transpose(square));
        double[,] root = Matrix.Power(symmetric, 0.5), inverseRoot = Matrix.Power(symmetric, -0.5);
        Near(symmetric, Matrix.Power(symmetric, 1), 1e-12);
        Near(symmetric, Matrix.Product(root, root), 1e-12);
        Near(Unit(size), Matrix.Product(root, inverseRoot), 1e-9);
        Near(Unit(size), Matrix.Power(symmetric, 0), 1e-12);
        Near(Unit(size), Matrix.Power(Unit(size), -1), 1e-15);
    }

    [Fact]
    public void Unmixing_finds_the_shares_that_were_mixed()
    {
        Island island = Island.Draw(96, 80);
        float[] found = SpectralUnmixing.Unmixing().Apply(SpectralUnmixing.Mixing().Apply(island.Abundances));
        Assert.Equal(96 * 80 * Island.Materials.Count, found.Length);
        Assert.All(Enumerable.Range(0, Island.Materials.Count), m => Assert.InRange(SpectralUnmixing.RootMeanSquareError(found, island.Abundances, m), 0, 1e-5));
        Near(Unit(Island.Materials.Count), Matrix.Product(SpectralUnmixing.Unmixing().Weights, Island.Spectra()), 1e-10);
    }

    [Fact]
    public void Every_number_of_the_spectra_and_of_their_inverse_matters()
    {
        Island island = Island.Draw(24, 24);
        PixelMatrix mixing = SpectralUnmixing.Mixing(), unmixing = SpectralUnmixing.Unmixing();
        Assert.All(OneNumberOff(mixing, 0.01), wrong => Assert.True(WorstError(wrong, unmixing) > 1e-5));
        Assert.All(OneNumberOff(unmixing, 0.01), wrong => Assert.True(WorstError(mixing, wrong) > 1e-5));

        double WorstError(PixelMatrix there, PixelMatrix back)
        {
            float[] found = back.Apply(there.Apply(island.Abundances));
            return Enumerable.Range(0, Island.Materials.Count).Max(m => SpectralUnmixing.RootMeanSquareError(found, island.Abundances, m));
        }
    }

    [Fact]
    public void Unmixing_explains_any_pixel_best_in_the_sense_of_least_squares()
    {
        float[] scene = RandomData.Floats(9, 50 * Island.Bands), shares = SpectralUnmixing.Unmixing().Apply(scene), explained = SpectralUnmixing.Mixing().Apply(shares);
        double[,] residual = Matrix.Make(50, Island.Bands, (pixel, band) => scene[pixel * Island.Bands + band] - explained[pixel * Island.Bands + band]);
        Near(new double[50, Island.Materials.Count], Matrix.Product(residual, Island.Spectra()), 1e-4);
    }

    [Fact]
    public void The_island_is_one_that_could_be_seen()
    {
        Assert.All(Island.Spectra().Cast<double>(), reflectance => Assert.InRange(reflectance, 0, 1));
        float[][] pixels = [.. Island.Draw(128, 128).Abundances.Chunk(Island.Materials.Count)];
        Assert.All(pixels, shares => Assert.Equal(1, shares.Sum(), 1e-6));
        Assert.All(pixels, shares => Assert.All(shares, share => Assert.InRange(share, 0, 1)));
        Assert.All(Enumerable.Range(0, Island.Materials.Count), m => Assert.True(pixels.Max(shares => shares[m]) > 0.9, Island.Materials[m].Name));
    }

    [Fact]
    public void Without_a_photograph_the_program_draws_a_landscape()
    {
        (int exitCode, string output, string error) = Execute("--out", folder.FullName);
        Assert.True(exitCode == ColorsCommand.Ok, output + error);
        Assert.Contains("drawn landscape", output, StringComparison.Ordinal);
        string[] names =
        [
            "cb", "cr", "map", "photo", "scene-false-colour", "scene-true-colour",
            "share-of-forest", "share-of-rock", "share-of-sand", "share-of-snow", "share-of-water", "stretched", "y", "y-and-cb", "y-and-cr",
        ];
        Assert.Equal(names, folder.GetFiles().Select(file => Path.GetFileNameWithoutExtension(file.Name)).Order(StringComparer.Ordinal));
        Assert.All(folder.GetFiles(), file => Assert.True(Picture.Load(file.FullName).Pixels.Distinct().Count() > 50, file.Name));
    }

    [Fact]
    public void A_photograph_is_read_and_what_is_written_has_its_size()
    {
        string photo = InFolder("photo.png");
        Row(10, 200, 30, 250, 0, 0, 90, 90, 90, 0, 60, 255).Save(photo);
        (int exitCode, string output, string error) = Execute(photo, "--out", InFolder("out"));
        Assert.True(exitCode == ColorsCommand.Ok, output + error);
        Assert.Contains("photo.png, 4 x 1 pixels", output, StringComparison.Ordinal);
        Assert.Equal(Picture.Load(photo).Pixels, Picture.Load(InFolder("out", "photo.png")).Pixels);
        Assert.Equal([4, 1], [Picture.Load(InFolder("out", "stretched.png")).Width, Picture.Load(InFolder("out", "stretched.png")).Height]);
    }

    [Fact]
    public void What_cannot_be_read_is_refused_in_a_sentence()
    {
        string damaged = InFolder("damaged.png"), text = InFolder("text.png");
        Row(1, 2, 3).Save(damaged);
        File.WriteAllBytes(damaged, File.ReadAllBytes(damaged)[..50]);
        File.WriteAllText(text, "no picture");
        foreach (string[] arguments in new[] { [damaged], [text], [InFolder("missing.png")], [folder.FullName], ["a.png", "b.png"], new[] { "--frobnicate" } })
        {
            (int exitCode, string output, string error) = Execute(arguments);
            Assert.Equal((ColorsCommand.Usage, true), (exitCode, error.Length > 0));
            Assert.DoesNotContain("   at ", output + error, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(1, ColorsCommand.Ok, "ok")]
    [InlineData(1.5, ColorsCommand.CheckFailed, "FAILED")]
    [InlineData(double.NaN, ColorsCommand.CheckFailed, "FAILED")]
    public void A_check_that_fails_is_said_and_is_the_exit_code(double found, int exitCode, string verdict)
    {
        var output = new StringWriter();
        Page good = new("good", [], [new Check("one", 1, 1)], []), other = new("other", [], [new Check("two", 1, 1), new Check("three", found, 1)], []);
        Assert.Equal(exitCode, ColorsCommand.Report([other, good], folder, output));
        Assert.EndsWith(verdict, output.ToString().Split('\n').Single(line => line.Contains("three", StringComparison.Ordinal)).TrimEnd(), StringComparison.Ordinal);
    }

    private static (int ExitCode, string Output, string Error) Execute(params string[] arguments)
    {
        StringWriter output = new(), error = new();
        return (ColorsCommand.Run(arguments, output, error), output.ToString(), error.ToString());
    }

    private string InFolder(params string[] names) => Path.Combine([folder.FullName, .. names]);

    private static Picture Row(params byte[] pixels) => new(pixels.Length / 3, 1, 3, pixels);

    /// <summary>Pixels around medium grey that vary with these deviations along brightness, from red to green, and from both to blue.</summary>
    private static float[] Correlated(double first, double second, double third)
    {
        const int Count = 3000;
        // The standard deviation of what is evenly distributed over [-1, 1] is the root of 1/3.
        double[][] axes = [Axis(first, 1, 1, 1), Axis(second, 1, -1, 0), Axis(third, 1, 1, -2)];
        float[] random = RandomData.Floats(4, Count * 3);
        return
        [
            .. from pixel in Enumerable.Range(0, Count)
               from c in Enumerable.Range(0, 3)
               select (float)(128 + Enumerable.Range(0, 3).Sum(axis => random[pixel * 3 + axis] * axes[axis][c])),
        ];

        static double[] Axis(double deviation, params double[] direction) =>
            [.. direction.Select(d => d * deviation * Math.Sqrt(3 / direction.Sum(x => x * x)))];
    }

    /// <summary>Copies of a matrix, each with one number off.</summary>
    private static IEnumerable<PixelMatrix> OneNumberOff(PixelMatrix right, double inWeights, double inBias = 0)
    {
        for (int k = 0; k < right.Weights.GetLength(0); k++)
            for (int c = 0; c < right.Weights.GetLength(1); c++)
            {
                var weights = (double[,])right.Weights.Clone();
                weights[k, c] += inWeights;
                yield return new PixelMatrix(weights, right.Bias);
            }
        for (int k = 0; inBias > 0 && k < right.Bias.Length; k++)
            yield return new PixelMatrix(right.Weights, [.. right.Bias.Select((b, i) => i == k ? b + inBias : b)]);
    }

    private static double[,] Unit(int size) => Matrix.Make(size, size, (i, j) => i == j ? 1 : 0);

    private static void Near(double[,] expected, double[,] actual, double tolerance)
    {
        Assert.Equal((expected.GetLength(0), expected.GetLength(1)), (actual.GetLength(0), actual.GetLength(1)));
        Assert.All(expected.Cast<double>().Zip(actual.Cast<double>()), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }
}
