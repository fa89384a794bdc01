using Xunit;

namespace HybridConv.Tests;

public class PreprocessTests
{
    public static TheoryData<int, int, int, int, int> Sizes => new()
    {
        { 1, 1, 1, 1, 1 }, { 5, 4, 3, 5, 4 }, { 7, 5, 3, 3, 2 }, { 3, 2, 3, 7, 9 }, { 64, 48, 3, 31, 17 },
        { 31, 17, 1, 64, 48 }, { 10, 10, 4, 1, 1 }, { 1, 9, 2, 5, 3 }, { 250, 3, 3, 7, 11 },
    };

    [Theory, MemberData(nameof(Sizes))]
    public void Resize_is_the_normalised_triangle_filter(int width, int height, int channels, int newWidth, int newHeight)
    {
        byte[] source = RandomBytes(width * height * channels);
        var got = new float[newWidth * newHeight * channels];
        Preprocess.Resize(source, width, height, channels, PixelRectangle.All(width, height), got, newWidth, newHeight);
        double[] want = ResizeInDouble(Array.ConvertAll(source, x => (double)x), width, height, channels, newWidth, newHeight);
        for (int i = 0; i < got.Length; i++)
            Assert.Equal(want[i], got[i], 1e-3);
    }

    [Fact]
    public void Bytes_and_floats_resize_to_the_same_bits()
    {
        byte[] bytes = RandomBytes(23 * 19 * 3);
        float[] floats = Array.ConvertAll(bytes, x => (float)x), a = new float[8 * 9 * 3], b = new float[8 * 9 * 3];
        var crop = new PixelRectangle(3, 2, 15, 14);
        Preprocess.Resize(bytes, 23, 19, 3, crop, a, 8, 9);
        Preprocess.Resize(floats, 23, 19, 3, crop, b, 8, 9);
        Assert.Equal(a, b);
    }

    [Fact]
    public void Resize_to_the_same_size_changes_nothing()
    {
        byte[] source = RandomBytes(13 * 11 * 3);
        var got = new float[source.Length];
        Preprocess.Resize(source, 13, 11, 3, PixelRectangle.All(13, 11), got, 13, 11);
        Assert.Equal(Array.ConvertAll(source, x => (float)x), got);
    }

    [Fact]
    public void Enlarging_twice_is_plain_bilinear_with_half_pixel_centres()
    {
        float[] got = new float[4];
        Preprocess.Resize([0f, 100f], 2, 1, 1, PixelRectangle.All(2, 1), got, 4, 1);
        Assert.Equal([0f, 25f, 75f, 100f], got);
    }

    [Fact]
    public void Halving_weighs_the_four_nearest_pixels_of_a_row()
    {
        float[] got = new float[2];
        Preprocess.Resize([0f, 0f, 80f, 0f], 4, 1, 1, PixelRectangle.All(4, 1), got, 2, 1);
        // Output 1 is centred on 3.0 with radius 2; pixels 1, 2, 3 have weights 1/4, 3/4, 3/4 over 7/4. Output 0 mirrors it.
        Assert.Equal(80f * 1 / 7, got[0], 1e-4);
        Assert.Equal(80f * 3 / 7, got[1], 1e-4);
    }

    [Fact]
    public void Pixels_outside_the_crop_have_no_influence()
    {
        byte[] source = RandomBytes(20 * 20 * 3), changed = [.. source];
        var crop = new PixelRectangle(4, 5, 9, 10);
        for (int y = 0; y < 20; y++)
            for (int x = 0; x < 20; x++)
                if (x < 4 || x >= 13 || y < 5 || y >= 15)
                    changed[(y * 20 + x) * 3] ^= 0xFF;
        float[] a = new float[5 * 6 * 3], b = new float[5 * 6 * 3];
        Preprocess.Resize(source, 20, 20, 3, crop, a, 5, 6);
        Preprocess.Resize(changed, 20, 20, 3, crop, b, 5, 6);
        Assert.Equal(a, b);
    }

    [Fact]
    public void Resize_allocates_nothing_in_the_steady_state()
    {
        byte[] source = RandomBytes(100 * 80 * 3);
        var destination = new float[32 * 32 * 3];
        void Once() => Preprocess.Resize(source, 100, 80, 3, PixelRectangle.CentreSquare(100, 80), destination, 32, 32);
        Once();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Once();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Letterbox_keeps_proportions_and_fills_the_rest()
    {
        byte[] source = [.. Enumerable.Repeat((byte)50, 20 * 10)];
        var got = new float[8 * 8];
        PixelRectangle place = Preprocess.Letterbox(source, 20, 10, 1, got, 8, 8, 114);
        Assert.Equal(new PixelRectangle(0, 2, 8, 4), place);
        for (int y = 0; y < 8; y++)
            for (int x = 0; x < 8; x++)
                Assert.Equal(y is >= 2 and < 6 ? 50 : 114, got[y * 8 + x], 1e-4);
    }

    [Fact]
    public void Centred_windows_put_the_odd_pixel_at_the_right_and_bottom()
    {
        Assert.Equal(new PixelRectangle(1, 0, 4, 4), PixelRectangle.CentreSquare(7, 4));
        Assert.Equal(new PixelRectangle(1, 2, 2, 3), PixelRectangle.Centre(5, 8, 2, 3));
        Assert.Throws<ShapeException>(() => PixelRectangle.Centre(5, 8, 6, 3));
    }

    [Fact]
    public void Normalize_scales_then_subtracts_then_divides()
    {
        float[] pixels = [255, 0, 51, 10, 20, 30], mean = [0.485f, 0.456f, 0.406f], std = [0.229f, 0.224f, 0.225f], source = [.. pixels];
        Preprocess.Normalize(pixels, 1f / 255, mean, std);
        for (int i = 0; i < pixels.Length; i++)
            Assert.Equal((source[i] / 255.0 - mean[i % 3]) / std[i % 3], pixels[i], 1e-5);
        Assert.Throws<ShapeException>(() => Preprocess.Normalize(new float[4], 1, [0, 0, 0], [1, 1, 1]));
        Assert.Throws<ShapeException>(() => Preprocess.Normalize(new float[6], 1, [0, 0, 0], [1, 1]));
    }

    [Fact]
    public void A_picture_fits_into_a_box_with_its_proportions()
    {
        Assert.Equal(new PixelRectangle(0, 2, 8, 4), PixelRectangle.Fit(16, 8, 8, 8));
        Assert.Equal(new PixelRectangle(0, 3, 8, 1), PixelRectangle.Fit(1000, 1, 8, 8));
        Assert.Throws<ShapeException>(() => PixelRectangle.Fit(0, 8, 8, 8));
        Assert.Throws<ShapeException>(() => PixelRectangle.Fit(8, 8, 8, 0));
    }

    [Fact]
    public void Bytes_become_floats_of_the_same_values()
    {
        var floats = new float[3];
        Preprocess.ToFloat([0, 7, 255], floats);
        Assert.Equal([0, 7, 255], floats);
        Assert.Throws<ShapeException>(() => Preprocess.ToFloat([0, 7], floats));
    }

    [Fact]
    public void Layouts_and_channel_orders_are_inverses_of_each_other()
    {
        byte[] source = RandomBytes(6 * 5 * 3);
        byte[] planar = new byte[source.Length], back = new byte[source.Length];
        Preprocess.ToPlanar(source, 3, planar.AsSpan());
        Assert.Equal(source[3 * 7 + 2], planar[2 * 30 + 7]);
        Preprocess.ToInterleaved(planar, 3, back.AsSpan());
        Assert.Equal(source, back);
        Preprocess.SwapRedBlue(back.AsSpan(), 3);
        Assert.Equal([source[2], source[1], source[0]], back[..3]);
        Preprocess.SwapRedBlue(back.AsSpan(), 3);
        Assert.Equal(source, back);
    }

    [Theory]
    [InlineData(0, 4, 4, 4)]
    [InlineData(4, 4, 0, 4)]
    [InlineData(5, 4, 4, 4)]
    [InlineData(4, 4, 5, 4)]
    public void Sizes_that_do_not_fit_the_spans_are_refused(int width, int height, int newWidth, int newHeight) =>
        Assert.Throws<ShapeException>(() =>
            Preprocess.Resize(new byte[16], width, height, 1, PixelRectangle.All(width, height), new float[16], newWidth, newHeight));

    private static byte[] RandomBytes(int count)
    {
        var bytes = new byte[count];
        new Random(count).NextBytes(bytes);
        return bytes;
    }

    /// <summary>The definition, one output at a time over all source pixels, both axes at once.</summary>
    private static double[] ResizeInDouble(double[] source, int width, int height, int channels, int newWidth, int newHeight)
    {
        static double[] Weights(int size, int newSize, int i)
        {
            double scale = (double)size / newSize, radius = Math.Max(1, scale), centre = (i + 0.5) * scale;
            double[] weights = [.. Enumerable.Range(0, size).Select(x => Math.Max(0, 1 - Math.Abs((x + 0.5 - centre) / radius)))];
            double sum = weights.Sum();
            return [.. weights.Select(w => w / sum)];
        }

        var result = new double[newWidth * newHeight * channels];
        for (int y = 0; y < newHeight; y++)
            for (int x = 0; x < newWidth; x++)
            {
                double[] column = Weights(height, newHeight, y), row = Weights(width, newWidth, x);
                for (int c = 0; c < channels; c++)
                    for (int sy = 0; sy < height; sy++)
                        for (int sx = 0; sx < width; sx++)
                            result[(y * newWidth + x) * channels + c] += column[sy] * row[sx] * source[(sy * width + sx) * channels + c];
            }
        return result;
    }
}
