namespace Colors;

/// <summary>A picture to begin with: ridges one behind the other under an evening sky, in the hazy colours that a decorrelation stretch takes apart.</summary>
internal static class Landscape
{
    private const int Width = 720, Height = 480, Ridges = 7;

    private static readonly double[] Zenith = [62, 92, 150], Horizon = [250, 196, 140], Sun = [255, 244, 214], Near = [24, 38, 44];

    public static Picture Draw()
    {
        var outline = new SmoothNoise(seed: 11, cells: 3, octaves: 6);
        var texture = new SmoothNoise(seed: 5, cells: 24, octaves: 4);
        var pixels = new float[Width * Height * 3];
        for (int y = 0; y < Height; y++)
            for (int x = 0; x < Width; x++)
            {
                double u = (double)x / Width, v = (double)y / Height, grain = texture.At(u, v);
                double[] colour = Sky(u, v, grain);
                for (int ridge = 1; ridge <= Ridges; ridge++)
                {
                    double edge = 0.36 + 0.085 * ridge + 0.07 * outline.At(u, (ridge - 0.5) / Ridges);
                    colour = Mix(colour, Slope(ridge, grain), Math.Clamp((v - edge) * Height, 0, 1));
                }
                for (int c = 0; c < 3; c++)
                    pixels[(y * Width + x) * 3 + c] = (float)colour[c];
            }
        return Picture.OfFloats(Width, Height, pixels);
    }

    private static double[] Sky(double u, double v, double grain)
    {
        double glow = Math.Exp(-60 * ((u - 0.68) * (u - 0.68) + 0.5 * (v - 0.3) * (v - 0.3)));
        return Mix(Mix(Zenith, Horizon, Math.Min(1, 2.2 * v + 0.06 * grain)), Sun, glow);
    }

    /// <summary>The nearer a ridge, the less haze is before its own colour.</summary>
    private static double[] Slope(int ridge, double grain)
    {
        double nearness = (double)ridge / Ridges, warmth = 14 * Math.Sin(2.4 * ridge), light = 10 * nearness * grain;
        return Mix(Horizon, [Near[0] + warmth + light, Near[1] - warmth / 2 + 1.4 * light, Near[2] - warmth + light], Math.Sqrt(nearness));
    }

    private static double[] Mix(double[] from, double[] to, double share) => [.. from.Zip(to, (a, b) => double.Lerp(a, b, share))];
}
