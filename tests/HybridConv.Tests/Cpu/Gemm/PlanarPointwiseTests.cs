using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests.Cpu.Gemm;

public class PlanarPointwiseTests
{
    public static TheoryData<int, int, int> Shapes => new()
    {
        { 1, 1, 1 },
        { 3, 5, 7 },
        { 11, 4, 14 },
        { 49, 33, 13 },
        { 196, 9, 35 },
        // Planes of whole cache lines, read in place.
        { 48, 20, 29 },
        // Planes that fall into one set of a cache.
        { 1024, 40, 3 },
        // Several parts of the depth and several blocks of filters; the last strip computes pixels again.
        { 21, 700, 131 },
        { 80, 300, 5 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Every_width_computes_the_chain_of_all_kernels_and_nothing_beyond(int pixels, int channels, int filters)
    {
        const int Guard = 64;
        float[] image = RandomData.Floats(1, pixels * channels), weights = RandomData.Floats(2, filters * channels), expected = new float[filters * pixels];
        for (int k = 0; k < filters; k++)
            for (int pixel = 0; pixel < pixels; pixel++)
                for (int c = 0; c < channels; c++)
                    expected[k * pixels + pixel] = MathF.FusedMultiplyAdd(weights[k * channels + c], image[c * pixels + pixel], expected[k * pixels + pixel]);

        foreach (Isa isa in IsaDispatch.All.Where(isa => isa <= CpuInfo.Widest))
        {
            var output = new float[expected.Length + 2 * Guard];
            Array.Fill(output, float.NaN);
            using PlanarPointwise planar = PlanarPointwise.Bind(new PointwiseShape(pixels, channels, filters), weights, isa);
            planar.Run(image, output.AsSpan(Guard, expected.Length));
            Assert.Equal(expected, output[Guard..^Guard]);
            Assert.All(output[..Guard].Concat(output[^Guard..]), x => Assert.True(float.IsNaN(x)));
        }
    }

    [Fact]
    public void Spans_of_another_size_are_refused()
    {
        var shape = new PointwiseShape(6, 2, 3);
        Assert.Throws<ShapeException>(() => PlanarPointwise.Bind(shape, new float[5], CpuInfo.Widest));
        using PlanarPointwise planar = PlanarPointwise.Bind(shape, new float[6], CpuInfo.Widest);
        Assert.Throws<ShapeException>(() => planar.Run(new float[11], new float[18]));
        Assert.Throws<ShapeException>(() => planar.Run(new float[12], new float[19]));
    }
}
