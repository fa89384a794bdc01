using HybridConv;

namespace Colors;

/// <summary>A 1x1 convolution as what it is, a matrix: every pixel becomes weights x pixel + bias, whatever its neighbours are.</summary>
/// <param name="weights">Output channels x input channels.</param>
/// <param name="bias">One number for each output channel, or empty.</param>
internal sealed class PixelMatrix(double[,] weights, double[] bias)
{
    /// <summary>As floats, few enough for the processor's nearest caches.</summary>
    private const int StripPixels = 4096;

    private readonly float[] floatWeights = [.. weights.Cast<double>().Select(weight => (float)weight)];
    private readonly float[] floatBias = Array.ConvertAll(bias, b => (float)b);

    /// <summary>Output channels x input channels.</summary>
    public double[,] Weights => weights;

    /// <summary>One number for each output channel, or empty.</summary>
    public double[] Bias => bias;

    /// <summary>The map weights x (pixel - source) + destination: <paramref name="source"/> becomes <paramref name="destination"/>.</summary>
    public static PixelMatrix Around(double[,] weights, double[] source, double[] destination) =>
        new(weights, [.. destination.Select((d, k) => d - source.Select((s, c) => weights[k, c] * s).Sum())]);

    /// <summary>One call of the engine for all pixels, which are pixels x channels floats, before and after.</summary>
    public float[] Apply(ReadOnlySpan<float> pixels)
    {
        int outputs = weights.GetLength(0), inputs = weights.GetLength(1);
        var shape = new PointwiseShape(pixels.Length / inputs, inputs, outputs);
        var output = new float[shape.Pixels * outputs];
        Pointwise.Execute(pixels, floatWeights, floatBias, output, shape);
        return output;
    }

    /// <summary>The same from picture to picture, rounded to bytes and clipped to their range: in strips, so that of a large picture only its bytes are held.</summary>
    public Picture Apply(Picture picture)
    {
        int outputs = weights.GetLength(0), pixels = picture.Width * picture.Height;
        var result = new byte[pixels * outputs];
        for (int from = 0; from < pixels; from += StripPixels)
        {
            int count = Math.Min(StripPixels, pixels - from);
            Picture.Round(Apply(picture.ToFloats(from, count)), result.AsSpan(from * outputs, count * outputs));
        }
        return new Picture(picture.Width, picture.Height, outputs, result);
    }
}
