using HybridConv.Ops;
using HybridConv.Planning;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests;

/// <summary>What a 1x1 convolution is, one claim per test. Images are N, C, H, W as everywhere in models.</summary>
public class PrinciplesTests
{
    private const int C = 5, K = 7, H = 9, W = 11, Pixels = H * W;

    private static Model Network(int channels, Func<NetValue, NetValue> layers, int height = H, int width = W)
    {
        var net = new ModelBuilder(seed: 3);
        layers(net.Input("x", 1, channels, height, width)).Output("y");
        return net.Build();
    }

    private static float[] Compute(float[] image, int channels, Func<NetValue, NetValue> layers, int height = H, int width = W)
    {
        using Model model = Network(channels, layers, height, width);
        using Session session = model.Compile(new() { Target = "cpu", Threads = 2 });
        return session.Run(image);
    }

    /// <summary>Multiply-accumulates and parameters of a network, as the engine counts them.</summary>
    private static Cost CostOf(int channels, Func<NetValue, NetValue> layers)
    {
        using Model model = Network(channels, layers);
        using Session session = model.Compile(new() { Target = "cpu", Threads = 1 });
        using Run run = session.CreateRun();
        return new Cost(run.Plan.Steps.Sum(s => s.Cost.Macs), run.Plan.Steps.Sum(s => s.Cost.Parameters));
    }

    private static float[] MovePixels(float[] image, Func<int, int> from) =>
        [.. Enumerable.Range(0, image.Length).Select(i => image[(i / Pixels * Pixels) + from(i % Pixels)])];

    private static readonly int[] Shuffled = Shuffle();

    private static int[] Shuffle()
    {
        int[] order = [.. Enumerable.Range(0, Pixels)];
        new Random(8).Shuffle(order);
        return order;
    }

    [Fact]
    public void At_each_pixel_Y_is_the_sum_over_channels_of_W_times_X()
    {
        float[] x = RandomData.WholeFloats(1, C * Pixels), w = RandomData.WholeFloats(2, K * C), b = RandomData.WholeFloats(3, K);
        var expected = new float[K * Pixels];
        for (int k = 0; k < K; k++)
            for (int pixel = 0; pixel < Pixels; pixel++)
            {
                float sum = b[k];
                for (int c = 0; c < C; c++)
                    sum += w[(k * C) + c] * x[(c * Pixels) + pixel];
                expected[(k * Pixels) + pixel] = sum;
            }
        Assert.Equal(expected, Compute(x, C, v => v.Pointwise(K, weights: w, biases: b)));

        var interleaved = new float[K * Pixels];
        Pointwise.Execute(Interleave(x, C), w, b, interleaved, new PointwiseShape(Pixels, C, K));
        Assert.Equal(Interleave(expected, K), interleaved);

        static float[] Interleave(float[] planes, int channels) =>
            [.. from pixel in Enumerable.Range(0, Pixels) from c in Enumerable.Range(0, channels) select planes[(c * Pixels) + pixel]];
    }

    [Fact]
    public void It_is_blind_to_neighbours()
    {
        const int Changed = (4 * W) + 6;
        float[] x = RandomData.Floats(1, C * Pixels), other = [.. x];
        for (int c = 0; c < C; c++)
            other[(c * Pixels) + Changed] += 1;

        int[] pointwise = ChangedPixels(v => v.Pointwise(K)), wide = ChangedPixels(v => v.Conv(K, 3));
        Assert.Equal([Changed], pointwise);
        Assert.Equal(9, wide.Length);

        int[] ChangedPixels(Func<NetValue, NetValue> layers)
        {
            float[] before = Compute(x, C, layers), after = Compute(other, C, layers);
            return [.. Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).Select(i => i % Pixels).Distinct().Order()];
        }
    }

    [Fact]
    public void It_commutes_with_translation_bit_for_bit()
    {
        float[] x = RandomData.Floats(1, C * Pixels);
        // A translation on a torus, so that every pixel arrives somewhere.
        static int From(int pixel) => ((((pixel / W) + 2) % H) * W) + (((pixel % W) + 5) % W);
        Func<NetValue, NetValue> layer = v => v.Pointwise(K).Relu();
        Assert.Equal(MovePixels(Compute(x, C, layer), From), Compute(MovePixels(x, From), C, layer));
    }

    [Fact]
    public void Convolution_and_correlation_are_the_same_for_1x1_and_not_for_3x3()
    {
        float[] x = RandomData.Floats(1, C * Pixels), small = RandomData.Floats(2, K * C), large = RandomData.Floats(3, K * C * 9);
        Assert.Equal(Compute(x, C, v => v.Conv(K, 1, weights: small)), Compute(x, C, v => v.Conv(K, 1, weights: Flip(small, 1))));
        Assert.NotEqual(Compute(x, C, v => v.Conv(K, 3, weights: large)), Compute(x, C, v => v.Conv(K, 3, weights: Flip(large, 9))));

        // Convolution proper turns the filter by half a circle.
        static float[] Flip(float[] weights, int taps) => [.. weights.Chunk(taps).SelectMany(filter => filter.Reverse())];
    }

    [Theory]
    [InlineData(3), InlineData(5)]
    public void It_has_k_squared_times_fewer_parameters_and_multiplications(int k)
    {
        Cost one = CostOf(C, v => v.Conv(K, 1, bias: false)), wide = CostOf(C, v => v.Conv(K, k, bias: false));
        Assert.Equal(C * K, one.Parameters);
        Assert.Equal((long)C * K * Pixels, one.Macs);
        Assert.Equal(one.Parameters * k * k, wide.Parameters);
        Assert.Equal(one.Macs * k * k, wide.Macs);
    }

    [Fact]
    public void It_is_one_matrix_product_on_the_image_itself_with_no_copy()
    {
        using Model model = Network(16, v => v.Pointwise(32));
        using Session session = model.Compile(new() { Target = "cpu", Threads = 1, InputLayout = ImageLayout.ChannelsLast, OutputLayout = ImageLayout.ChannelsLast });
        using Run run = session.CreateRun();
        Step step = Assert.Single(run.Plan.Steps, s => s.Kernel != "view");
        Assert.StartsWith("conv.pointwise.", step.Kernel, StringComparison.Ordinal);
        // Nothing but the image and the result, each rounded up to a cache line: no workspace.
        Assert.Equal(CacheLines(16 * Pixels * sizeof(float)) + CacheLines(32 * Pixels * sizeof(float)), run.Plan.ArenaBytes);

        static long CacheLines(long bytes) => (bytes + 63) / 64 * 64;
    }

    [Fact]
    public void Reducing_before_a_3x3_costs_69632_weights_where_the_3x3_alone_costs_589824()
    {
        Cost bottleneck = CostOf(256, v => v.Pointwise(64, bias: false).Conv(64, 3, bias: false).Pointwise(256, bias: false)), plain = CostOf(256, v => v.Conv(256, 3, bias: false));
        Assert.Equal(69_632, bottleneck.Parameters);
        Assert.Equal(589_824, plain.Parameters);
        // Reducing after the 3x3 saves nothing of it.
        Assert.Equal(589_824 + (256 * 64) + (64 * 256), CostOf(256, v => v.Conv(256, 3, bias: false).Pointwise(64, bias: false).Pointwise(256, bias: false)).Parameters);
    }

    [Theory]
    [InlineData(3, 8), InlineData(3, 32), InlineData(5, 8)]
    public void A_separable_convolution_costs_the_fraction_1_over_K_plus_1_over_RS(int k, int outputs)
    {
        Cost separable = CostOf(C, v => v.Depthwise(k, bias: false).Pointwise(outputs, bias: false)), full = CostOf(C, v => v.Conv(outputs, k, bias: false));
        // separable / full = 1/K + 1/RS, without a division.
        Assert.Equal(full.Macs * (outputs + (k * k)), separable.Macs * outputs * k * k);
        Assert.Equal(full.Parameters * (outputs + (k * k)), separable.Parameters * outputs * k * k);
    }

    [Fact]
    public void Two_linear_ones_in_a_row_are_one()
    {
        const int Middle = 6;
        float[] x = RandomData.WholeFloats(1, C * Pixels), first = RandomData.WholeFloats(2, Middle * C), second = RandomData.WholeFloats(3, K * Middle);
        var product = new float[K * C];
        for (int k = 0; k < K; k++)
            for (int c = 0; c < C; c++)
                for (int m = 0; m < Middle; m++)
                    product[(k * C) + c] += second[(k * Middle) + m] * first[(m * C) + c];
        float[] two = Compute(x, C, v => v.Pointwise(Middle, bias: false, weights: first).Pointwise(K, bias: false, weights: second));
        Assert.Equal(Compute(x, C, v => v.Pointwise(K, bias: false, weights: product)), two);
        // A non-linearity between them makes the difference.
        Assert.NotEqual(two, Compute(x, C, v => v.Pointwise(Middle, bias: false, weights: first).Relu().Pointwise(K, bias: false, weights: second)));
    }

    [Fact]
    public void None_computes_a_gradient()
    {
        // Whatever its weights, it commutes with every permutation of the pixels; a gradient depends on which pixel is whose neighbour.
        float[] x = RandomData.Floats(1, Pixels);
        for (int seed = 0; seed < 5; seed++)
        {
            float[] weights = RandomData.Floats(seed, 3);
            Assert.Equal(MovePixels(Compute(x, 1, v => v.Pointwise(3, weights: weights)), p => Shuffled[p]), Compute(MovePixels(x, p => Shuffled[p]), 1, v => v.Pointwise(3, weights: weights)));
        }
        Func<NetValue, NetValue> gradient = v => v.Conv(1, (1, 3), bias: false, weights: [-1, 0, 1]);
        Assert.NotEqual(MovePixels(Compute(x, 1, gradient), p => Shuffled[p]), Compute(MovePixels(x, p => Shuffled[p]), 1, gradient));
    }

    [Fact]
    public void With_a_rectifier_between_two_it_computes_exclusive_or() =>
        Assert.Equal([0, 1, 1, 0], Pixelwise([[0, 0], [0, 1], [1, 0], [1, 1]], hidden: [1, 1, 1, 1], shift: [0, -1], output: [1, -2]));

    [Fact]
    public void With_a_rectifier_between_two_it_computes_the_absolute_difference() =>
        Assert.Equal([4, 4, 0, 2.5f], Pixelwise([[1, 5], [5, 1], [3, 3], [-1, 1.5f]], hidden: [1, -1, -1, 1], shift: [0, 0], output: [1, 1]));

    [Fact]
    public void With_a_rectifier_between_two_it_is_a_switch()
    {
        // s chooses: a where it is 1, b where it is 0, for a and b from 0 to 100.
        float[] hidden = [100, 1, 0, -100, 0, 1];
        Assert.Equal([42, 17, 0, 100], Pixelwise([[1, 42, 17], [0, 42, 17], [1, 0, 99], [0, 3, 100]], hidden, shift: [-100, 0], output: [1, 1]));
    }

    /// <summary>1x1, ReLU, 1x1 with the given weights, on a picture whose pixels are the rows.</summary>
    private static float[] Pixelwise(float[][] pixels, float[] hidden, float[] shift, float[] output)
    {
        int channels = pixels[0].Length;
        float[] image = [.. from c in Enumerable.Range(0, channels) from pixel in pixels select pixel[c]];
        return Compute(image, channels, v => v.Pointwise(shift.Length, weights: hidden, biases: shift).Relu().Pointwise(1, bias: false, weights: output), 1, pixels.Length);
    }

    [Fact]
    public void A_network_in_network_block_commutes_with_translation()
    {
        const int Dy = 2, Dx = 3, OutH = H - 2, OutW = W - 2;
        float[] large = RandomData.Floats(1, C * (H + Dy) * (W + Dx));
        float[] x = Crop(large, 0, 0), moved = Crop(large, Dy, Dx);
        Func<NetValue, NetValue> block = v => v.Conv(K, 3, pad: 0).Relu().Pointwise(K).Relu().Pointwise(K).Relu();
        float[] y = Compute(x, C, block), yMoved = Compute(moved, C, block);
        for (int k = 0; k < K; k++)
            for (int p = 0; p < OutH - Dy; p++)
                for (int q = 0; q < OutW - Dx; q++)
                    Assert.Equal(y[(((k * OutH) + p + Dy) * OutW) + q + Dx], yMoved[(((k * OutH) + p) * OutW) + q]);

        static float[] Crop(float[] image, int top, int left) =>
        [
            .. from c in Enumerable.Range(0, C) from h in Enumerable.Range(top, H) from w in Enumerable.Range(left, W) select image[(((c * (H + Dy)) + h) * (W + Dx)) + w],
        ];
    }

    [Fact]
    public void Fully_connected_is_1x1_is_a_matrix_product_bit_for_bit()
    {
        const int Rows = 6, Depth = 37, Columns = 19;
        float[] x = RandomData.Floats(1, Rows * Depth), w = RandomData.Floats(2, Columns * Depth), b = RandomData.Floats(3, Columns);

        float[] dense = Rank2(v => v.Dense(Columns, weights: w, biases: b));
        float[] pointwise = Images(v => v.Pointwise(Columns, weights: w, biases: b));
        float[] spatial = Compute(MoveToPixels(), Depth, v => v.Pointwise(Columns, weights: w, biases: b), 1, Rows);
        Assert.Equal(dense, pointwise);
        Assert.Equal(dense, (from row in Enumerable.Range(0, Rows) from k in Enumerable.Range(0, Columns) select spatial[(k * Rows) + row]).ToArray());

        var layer = new float[Rows * Columns];
        Pointwise.Execute(x, w, b, layer, new PointwiseShape(Rows, Depth, Columns));
        Assert.Equal(dense, layer);

        var chain = new float[Rows * Columns];
        for (int row = 0; row < Rows; row++)
            for (int k = 0; k < Columns; k++)
            {
                float sum = b[k];
                for (int d = 0; d < Depth; d++)
                    sum = MathF.FusedMultiplyAdd(x[(row * Depth) + d], w[(k * Depth) + d], sum);
                chain[(row * Columns) + k] = sum;
            }
        Assert.Equal(chain, dense);

        float[] Rank2(Func<NetValue, NetValue> layers)
        {
            var net = new ModelBuilder();
            layers(net.Input("x", Rows, Depth)).Output("y");
            using Model model = net.Build();
            using Session session = model.Compile();
            return session.Run(x);
        }

        // One image of one pixel per row.
        float[] Images(Func<NetValue, NetValue> layers)
        {
            var net = new ModelBuilder();
            layers(net.Input("x", Rows, Depth, 1, 1)).Output("y");
            using Model model = net.Build();
            using Session session = model.Compile();
            return session.Run(x);
        }

        // One image with a pixel per row.
        float[] MoveToPixels() => [.. from d in Enumerable.Range(0, Depth) from row in Enumerable.Range(0, Rows) select x[(row * Depth) + d]];
    }
}
