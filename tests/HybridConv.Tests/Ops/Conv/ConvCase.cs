using HybridConv.Ops;
using HybridConv.Ops.Conv;

namespace HybridConv.Tests.Ops.Conv;

/// <summary>One convolution with small whole numbers as data, in channels-first order, and its result by loops that follow the textbook.</summary>
internal sealed record ConvCase(
    int Batch, int Channels, int Filters, int Groups, int[] Image, int[] Kernel, int[] Stride, int[] Dilation, int[] Pads, bool Bias, bool Residual, Activation Activation, int Seed)
{
    public int Spatial => Image.Length;
    public int[] Output => [.. Image.Select((size, i) => (size + Pads[i] + Pads[i + Spatial] - (Kernel[i] - 1) * Dilation[i] - 1) / Stride[i] + 1)];
    public float[] ImageData => Whole(Batch * Channels * Product(Image), Seed);
    public float[] WeightData => Whole(Filters * (Channels / Groups) * Product(Kernel), Seed + 1);
    public float[] BiasData => Whole(Filters, Seed + 2);
    public float[] ResidualData => Whole(Batch * Filters * Product(Output), Seed + 3);

    /// <summary>A case whose output is not empty. Channels and filters are drawn per group.</summary>
    public static ConvCase Random(Random random, int spatial, int maxSize, int maxChannels)
    {
        while (true)
        {
            int groups = random.Next(3) == 0 ? random.Next(1, 4) : 1;
            bool pointwise = random.Next(3) == 0;
            var c = new ConvCase(random.Next(1, 3), groups * random.Next(1, maxChannels + 1), groups * random.Next(1, maxChannels + 1), groups,
                Draw(spatial, () => random.Next(1, maxSize + 1)), Draw(spatial, () => pointwise ? 1 : random.Next(1, 5)), Draw(spatial, () => random.Next(1, 4)),
                Draw(spatial, () => random.Next(1, 3)), Draw(2 * spatial, () => pointwise ? 0 : random.Next(3)), random.Next(2) == 0, random.Next(3) == 0,
                random.Next(3) == 0 ? Activation.Relu : random.Next(3) == 0 ? Activation.Clamp(-20, 30) : default, random.Next(1000));
            if (c.Output.Zip(c.Image).Zip(c.Kernel.Zip(c.Dilation), (o, k) => o.First > 0 && (k.First - 1) * k.Second < o.Second + 4).All(fits => fits)
                && c.Image.Select((size, i) => size + c.Pads[i] + c.Pads[i + spatial] - (c.Kernel[i] - 1) * c.Dilation[i] - 1).All(room => room >= 0))
                return c;
        }
    }

    public OpFixture Fixture(bool channelsLast)
    {
        var attributes = new ConvAttributes(Long(Kernel), Long(Stride), Long(Dilation), Long(Pads), Groups, AutoPad.NotSet, channelsLast, Activation);
        OpFixture fixture = new OpFixture(new ConvOp(), attributes)
            .Input(channelsLast ? ToChannelsLast(ImageData, Channels, Image) : ImageData, Dims(Channels, Image, channelsLast))
            .Constant(WeightData, [Filters, Channels / Groups, .. Long(Kernel)]);
        if (Bias)
            fixture.Constant(BiasData);
        else if (Residual)
            fixture.Absent();
        return Residual ? fixture.Input(channelsLast ? ToChannelsLast(ResidualData, Filters, Output) : ResidualData, Dims(Filters, Output, channelsLast)) : fixture;
    }

    public float[] Naive()
    {
        float[] image = ImageData, weights = WeightData, bias = BiasData, residual = ResidualData;
        int channels = Channels / Groups, taps = Product(Kernel), outputs = Product(Output), pixels = Product(Image);
        var result = new float[Batch * Filters * outputs];
        for (int i = 0; i < result.Length; i++)
        {
            int position = i % outputs, k = i / outputs % Filters, n = i / outputs / Filters;
            float sum = Bias ? bias[k] : 0;
            for (int tap = 0; tap < taps; tap++)
            {
                int[] at = Index(position, Output), offset = Index(tap, Kernel);
                int pixel = 0;
                bool inside = true;
                for (int axis = 0; axis < Spatial; axis++)
                {
                    int x = at[axis] * Stride[axis] - Pads[axis] + offset[axis] * Dilation[axis];
                    inside &= x >= 0 && x < Image[axis];
                    pixel = pixel * Image[axis] + x;
                }
                for (int c = 0; inside && c < channels; c++)
                    sum += image[(n * Channels + k / (Filters / Groups) * channels + c) * pixels + pixel] * weights[(k * channels + c) * taps + tap];
            }
            sum += Residual ? residual[i] : 0;
            result[i] = Activation.IsNone ? sum : Math.Clamp(sum, Activation.A, Activation.B);
        }
        return result;
    }

    /// <summary>The same images with the channels of each pixel next to each other.</summary>
    public float[] ToChannelsLast(float[] planes, int channels, int[] image)
    {
        int pixels = Product(image);
        var result = new float[planes.Length];
        for (int i = 0; i < planes.Length; i++)
            result[i / (pixels * channels) * pixels * channels + i % pixels * channels + i / pixels % channels] = planes[i];
        return result;
    }

    private long[] Dims(int channels, int[] image, bool channelsLast) => channelsLast ? [Batch, .. Long(image), channels] : [Batch, channels, .. Long(image)];

    private static float[] Whole(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (float)random.Next(-4, 5))];
    }

    private static int[] Draw(int count, Func<int> draw) => [.. Enumerable.Range(0, count).Select(_ => draw())];

    private static int[] Index(int position, int[] sizes)
    {
        var index = new int[sizes.Length];
        for (int axis = sizes.Length - 1; axis >= 0; axis--)
            (index[axis], position) = (position % sizes[axis], position / sizes[axis]);
        return index;
    }

    private static int Product(int[] sizes) => sizes.Aggregate(1, (a, b) => a * b);

    private static long[] Long(int[] values) => Array.ConvertAll(values, x => (long)x);
}
