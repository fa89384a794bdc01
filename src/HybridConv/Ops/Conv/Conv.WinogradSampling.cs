using HybridConv.Ops.Windows;
using HybridConv.Verification;

namespace HybridConv.Ops.Conv;

internal sealed partial class ConvOp
{
    /// <summary>
    /// Winograd's F(m x m, 3 x 3), by the matrices of Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks": Y = A'((G g G') * (B' d B))A. The result itself is the
    /// definition's; only its error differs. An output is computed of the whole tile of m + 2 by m + 2 pixels, so that its error is in proportion to what is in that tile, and
    /// amplified by the transforms: gamma(n) |A'|((|G| |g| |G'|) * (|B'| |d| |B|))|A|, summed over channels, n counting the channels and the transforms' own sums. To have it cheaply,
    /// |d| is the largest of all channels, pixel by pixel, and |g| is summed over channels first. Tiles start at multiples of m. What is read: the tile, as far as it lies
    /// in the image, pixel by pixel, then the residual.
    /// </summary>
    private sealed class WinogradSampler(ConvSpec spec, Witness witness) : FilterSampler(spec, witness)
    {
        /// <summary>Sums of the two transforms of data, filters and results, along both axes.</summary>
        private const int TransformRoundings = 24;

        private readonly int tile = witness.WinogradTile, side = witness.WinogradTile + 2;
        private readonly Transform transform = Transform.Of(witness.WinogradTile);

        public override PatchSize Size(int strata) =>
            new((long)side * side + 1, side * side * MostChannels(strata) + (Spec.Residual is null ? 0 : strata), side * side * (MostChannels(strata) + 1));

        public override void Read(in Patch patch, ReadList reads)
        {
            Tile seen = TileOf(patch);
            (int group, int groups) = Groups(patch);
            long[] strides = Spec.Input.Strides;
            for (int h = seen.FirstRow; h < seen.EndRow; h++)
                for (int w = seen.FirstColumn; w < seen.EndColumn; w++)
                    reads.Add(Image, new Pixel(seen.Result.N, seen.Result.D, h, w).In(strides, group * Spec.GroupChannels), groups * Spec.GroupChannels, strides[ImageView.Channel]);
            ReadResidual(patch, reads);
        }

        public override void Compute(in Patch patch, ReadOnlySpan<float> read, Span<double> work, Span<Estimate> results)
        {
            Tile seen = TileOf(patch);
            (int group, int groups) = Groups(patch);
            int channels = groups * Spec.GroupChannels, count = seen.Rows * seen.Columns * channels;
            Span<double> pixels = work[..count], data = work.Slice(count, side * side);
            ReadOnlySpan<float> residual = read[count..];
            for (int i = 0; i < count; i++)
                pixels[i] = read[i];
            transform.Data(LargestOf(seen, pixels, channels, stackalloc double[side * side]), data);
            Span<double> sizes = stackalloc double[3 * 3];
            for (int i = 0; i < patch.Count; i++)
            {
                int filter = patch.First + i, skipped = (filter / Spec.GroupFilters - group) * Spec.GroupChannels;
                ReadOnlySpan<float> weights = Filters.Span.Slice(filter * Taps * Spec.GroupChannels, Taps * Spec.GroupChannels);
                double magnitude = Math.Abs(BiasOf(filter)) + transform.Magnitude(data, SizesOf(weights, sizes), seen.Result.H % tile, seen.Result.W % tile);
                double error = Roundoff.OfSum(Roundoff.Gamma(Spec.GroupChannels + TransformRoundings) * magnitude, magnitude);
                results[i] = Roundoff.Finish(Spec.Activation, Sum(seen, filter, weights, pixels[skipped..], channels), error, Spec.Residual is null ? null : residual[i]);
            }
        }

        private double Sum(in Tile seen, int filter, ReadOnlySpan<float> weights, ReadOnlySpan<double> pixels, int channels)
        {
            var chain = new Chain(BiasOf(filter));
            for (int h = Height.FirstTap(seen.Result.H); h < Height.EndTap(seen.Result.H); h++)
                for (int w = Width.FirstTap(seen.Result.W); w < Width.EndTap(seen.Result.W); w++)
                {
                    int row = Height.Start(seen.Result.H) + h - seen.FirstRow, column = Width.Start(seen.Result.W) + w - seen.FirstColumn;
                    chain.Add(pixels.Slice((row * seen.Columns + column) * channels, Spec.GroupChannels), weights.Slice((h * 3 + w) * Spec.GroupChannels, Spec.GroupChannels));
                }
            return chain.Sum;
        }

        /// <summary>For each pixel of the whole tile the largest magnitude of its channels; 0 in the padding.</summary>
        private ReadOnlySpan<double> LargestOf(in Tile seen, ReadOnlySpan<double> pixels, int channels, Span<double> largest)
        {
            largest.Clear();
            for (int row = 0; row < seen.Rows; row++)
                for (int column = 0; column < seen.Columns; column++)
                {
                    double most = 0;
                    foreach (double x in pixels.Slice((row * seen.Columns + column) * channels, channels))
                        most = Math.Max(most, Math.Abs(x));
                    largest[(row + seen.FirstRow - seen.Top) * side + column + seen.FirstColumn - seen.Left] = most;
                }
            return largest;
        }

        /// <summary>For each tap the sum of its channels' magnitudes.</summary>
        private ReadOnlySpan<double> SizesOf(ReadOnlySpan<float> weights, Span<double> sizes)
        {
            for (int tap = 0; tap < sizes.Length; tap++)
            {
                double sum = 0;
                foreach (float w in weights.Slice(tap * Spec.GroupChannels, Spec.GroupChannels))
                    sum += Math.Abs(w);
                sizes[tap] = sum;
            }
            return sizes;
        }

        private Tile TileOf(in Patch patch)
        {
            Pixel pixel = PixelOf(patch.Position);
            int top = Height.Start(pixel.H / tile * tile), left = Width.Start(pixel.W / tile * tile);
            return new Tile(pixel, top, left, Math.Max(0, top), Math.Min(Height.Input, top + side), Math.Max(0, left), Math.Min(Width.Input, left + side));
        }

        /// <summary>The input pixels of a result's tile: where it starts, and the rows and columns of it that lie in the image.</summary>
        private readonly record struct Tile(Pixel Result, int Top, int Left, int FirstRow, int EndRow, int FirstColumn, int EndColumn)
        {
            public int Rows => EndRow - FirstRow;
            public int Columns => EndColumn - FirstColumn;
        }

        /// <summary>The magnitudes of the matrices, row by row, for the points 0, 1, -1, infinity, and 0, 1/2, -1/2, 3/2, -3/2, infinity.</summary>
        private sealed record Transform(int Side, double[] B, double[] G, double[] A)
        {
            private static readonly Transform Two = new(4, [1, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 0, 1], [1, 0, 0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0, 0, 1], [1, 1, 1, 0, 0, 1, 1, 1]);

            private static readonly Transform Four = new(
                6,
                [
                    0.5625, 0, 2.5, 0, 1, 0, 0, 1.125, 2.25, 0.5, 1, 0, 0, 1.125, 2.25, 0.5, 1, 0,
                    0, 0.375, 0.25, 1.5, 1, 0, 0, 0.375, 0.25, 1.5, 1, 0, 0, 0.5625, 0, 2.5, 0, 1,
                ],
                [16 / 9.0, 0, 0, 1, 0.5, 0.25, 1, 0.5, 0.25, 1 / 9.0, 1 / 6.0, 0.25, 1 / 9.0, 1 / 6.0, 0.25, 0, 0, 1],
                [1, 1, 1, 1, 1, 0, 0, 0.5, 0.5, 1.5, 1.5, 0, 0, 0.25, 0.25, 2.25, 2.25, 0, 0, 0.125, 0.125, 3.375, 3.375, 1]);

            public static Transform Of(int tile) => tile == 2 ? Two : Four;

            /// <summary>|B'| d |B|.</summary>
            public void Data(ReadOnlySpan<double> d, Span<double> result) => Both(B, d, Side, result);

            /// <summary>|A'|((|G| g |G'|) * data)|A| at one position of the tile.</summary>
            public double Magnitude(ReadOnlySpan<double> data, ReadOnlySpan<double> g, int row, int column)
            {
                Span<double> filter = stackalloc double[Side * Side];
                Both(G, g, 3, filter);
                double sum = 0;
                for (int i = 0; i < Side; i++)
                    for (int j = 0; j < Side; j++)
                        sum += A[row * Side + i] * A[column * Side + j] * filter[i * Side + j] * data[i * Side + j];
                return sum;
            }

            /// <summary>M x M' for a square x of <paramref name="n"/> and a matrix M of Side by n.</summary>
            private void Both(double[] matrix, ReadOnlySpan<double> x, int n, Span<double> result)
            {
                Span<double> half = stackalloc double[Side * n];
                for (int i = 0; i < Side; i++)
                    for (int j = 0; j < n; j++)
                    {
                        double sum = 0;
                        for (int k = 0; k < n; k++)
                            sum += matrix[i * n + k] * x[k * n + j];
                        half[i * n + j] = sum;
                    }
                for (int i = 0; i < Side; i++)
                    for (int j = 0; j < Side; j++)
                    {
                        double sum = 0;
                        for (int k = 0; k < n; k++)
                            sum += half[i * n + k] * matrix[j * n + k];
                        result[i * Side + j] = sum;
                    }
            }
        }
    }
}
