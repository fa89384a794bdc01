namespace Colors;

/// <summary>
/// A random surface over the unit square, about -1 to 1: a sum of lattices of random heights, each twice as fine and half as high as the one before, with smooth slopes
/// between the points of each.
/// </summary>
internal sealed class SmoothNoise
{
    private readonly double[][,] octaves;

    /// <param name="seed">The same gives the same surface.</param>
    /// <param name="cells">Of the coarsest lattice, in each direction.</param>
    /// <param name="octaves">How many lattices are added up.</param>
    public SmoothNoise(int seed, int cells, int octaves)
    {
        var random = new Random(seed);
        this.octaves = [.. Enumerable.Range(0, octaves).Select(octave => Lattice((cells << octave) + 1))];

        double[,] Lattice(int points)
        {
            var lattice = new double[points, points];
            for (int y = 0; y < points; y++)
                for (int x = 0; x < points; x++)
                    lattice[y, x] = random.NextDouble() * 2 - 1;
            return lattice;
        }
    }

    /// <param name="u">From 0 at the left to less than 1 at the right.</param>
    /// <param name="v">From 0 at the top to less than 1 at the bottom.</param>
    public double At(double u, double v)
    {
        double sum = 0, height = 1;
        foreach (double[,] lattice in octaves)
        {
            double x = u * (lattice.GetLength(1) - 1), y = v * (lattice.GetLength(0) - 1);
            int column = (int)x, row = (int)y;
            double right = Smooth(x - column), down = Smooth(y - row);
            double upper = double.Lerp(lattice[row, column], lattice[row, column + 1], right);
            double lower = double.Lerp(lattice[row + 1, column], lattice[row + 1, column + 1], right);
            sum += height * double.Lerp(upper, lower, down);
            height /= 2;
        }
        return sum;
    }

    /// <summary>0 to 1 with no slope at either end.</summary>
    private static double Smooth(double t) => t * t * (3 - 2 * t);
}
