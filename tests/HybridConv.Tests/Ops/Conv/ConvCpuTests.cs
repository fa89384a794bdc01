using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using HybridConv.Planning;
using Xunit;

namespace HybridConv.Tests.Ops.Conv;

/// <summary>Every CPU row gives the reference's bits: on every vector width, for every tail, dense and in windows.</summary>
public class ConvCpuTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void RandomConvolutions(int spatial)
    {
        var random = new Random(10 + spatial);
        for (int round = 0; round < 60; round++)
            ConvCase.Random(random, spatial, maxSize: 9, maxChannels: 6).Fixture(channelsLast: true).RowsMustEqualReference();
    }

    /// <summary>Pixels 1 to 33 and filters 1 to 40: every combination of tiles, whole, narrow and partial panels.</summary>
    [Fact]
    public void PointwiseTails()
    {
        for (int pixels = 1; pixels <= 33; pixels++)
            Image(channels: 1 + pixels % 5, height: 1, width: pixels, filters: 1 + pixels * 7 % 40, kernel: 1, seed: pixels).RowsMustEqualReference();
        for (int filters = 1; filters <= 70; filters += 3)
            Image(channels: 3, height: 3, width: 5, filters, kernel: 1, seed: filters, residual: filters % 2 == 0).RowsMustEqualReference();
    }

    /// <summary>The product of a matrix and a vector: four panels at a time, then what is left of them.</summary>
    [Fact]
    public void SinglePixels()
    {
        foreach (int filters in (int[])[31, 32, 128, 129, 160, 300])
            foreach (bool residual in (bool[])[false, true])
                foreach (Activation activation in (Activation[])[Activation.Relu, new Activation(ActivationKind.HardSwish)])
                    Image(channels: 70, height: 1, width: 1, filters, kernel: 1, seed: filters, residual: residual, activation: activation).RowsMustEqualReference();
    }

    public static TheoryData<string> Activations => [.. Enum.GetNames<ActivationKind>()];

    [Theory]
    [MemberData(nameof(Activations))]
    public void EveryActivationWithAndWithoutResidual(string name)
    {
        ActivationKind kind = Enum.Parse<ActivationKind>(name);
        var activation = new Activation(kind, 0.1f, kind == ActivationKind.Clamp ? 0.9f : 0.5f);
        foreach (int filters in (int[])[32, 37])
            foreach (bool residual in (bool[])[false, true])
                foreach (int kernel in (int[])[1, 3])
                    Image(channels: 4, height: 5, width: 6, filters, kernel, seed: filters, residual: residual, activation: activation).RowsMustEqualReference();
    }

    [Fact]
    public void PointwiseWithStride()
    {
        for (int stride = 2; stride <= 3; stride++)
            for (int width = 1; width <= 31; width += 6)
                Image(channels: 5, height: 7, width, filters: 20, kernel: 1, seed: width, stride: stride, batch: 2).RowsMustEqualReference();
    }

    /// <summary>What networks begin with: few channels, large filters, stride 2; and lines of every length.</summary>
    [Fact]
    public void FirstLayersAndLinesOfEveryLength()
    {
        Image(channels: 3, height: 15, width: 33, filters: 40, kernel: 7, seed: 1, stride: 2).RowsMustEqualReference();
        for (int width = 1; width <= 33; width += 2)
            Image(channels: 3, height: 4, width, filters: 33, kernel: 3, seed: width, batch: 2).RowsMustEqualReference();
    }

    [Fact]
    public void GroupsOfEveryWidth()
    {
        foreach (int groups in (int[])[1, 2, 3, 5])
            foreach (int width in (int[])[1, 4, 8, 17])
                new OpFixture(new ConvOp(), new ConvAttributes(null, [1, 2], [2, 1], [1, 1, 2, 0], groups, AutoPad.NotSet, ChannelsLast: true))
                    .Input(OpFixture.Random(7L * 9 * groups * width), 1, 7, 9, groups * width)
                    .Constant(OpFixture.Random((long)groups * 6 * width * 9, seed: 2), groups * 6, width, 3, 3).RowsMustEqualReference();
    }

    [Fact]
    public void ThinGroupsShareVectors()
    {
        foreach (int width in (int[])[2, 4, 8])
            foreach (int groups in (int[])[2, 3, 16 / width, 40 / width])
            {
                int channels = width * groups;
                var attributes = new ConvAttributes(null, [1, groups % 2 + 1], [1, 1], [1, 1, 1, 1], groups, AutoPad.NotSet, ChannelsLast: true, groups == 3 ? Activation.Relu : default);
                OpFixture conv = new OpFixture(new ConvOp(), attributes).Input(OpFixture.Random(2L * 5 * 11 * channels), 2, 5, 11, channels)
                    .Constant(OpFixture.Random((long)channels * width * 9, seed: 2), channels, width, 3, 3).Constant(OpFixture.Random(channels, seed: 3));
                if (groups == 2)
                    conv.Input(OpFixture.Random(2L * 5 * 11 * channels, seed: 4), 2, 5, 11, channels);
                foreach (Isa isa in IsaDispatch.All.Where(isa => isa <= CpuInfo.Widest && (int)isa > width))
                    Assert.Contains(conv.Rows(new CpuInfo(isa, 1)), r => r.Name == $"conv.grouped.f32.{isa.Label()}");
                conv.RowsMustEqualReference();
            }
    }

    /// <summary>An image is computed the same wherever it stands in a batch, whatever stands beside it.</summary>
    [Fact]
    public void BatchPositionsDoNotMatter()
    {
        foreach (int kernel in (int[])[1, 3])
        {
            float[] one = OpFixture.Random(7 * 6 * 5), weights = OpFixture.Random(9L * 5 * kernel * kernel, seed: 2), batch = OpFixture.Random(3 * one.Length, seed: 3);
            one.CopyTo(batch.AsSpan(one.Length));
            OpFixture alone = Fixture(one, [1, 7, 6, 5], weights, [9, 5, kernel, kernel], kernel / 2);
            OpFixture among = Fixture(batch, [3, 7, 6, 5], weights, [9, 5, kernel, kernel], kernel / 2);
            var machine = new CpuInfo(CpuInfo.Widest, 2);
            foreach (Choice row in alone.Rows(machine))
            {
                float[] expected = alone.Run(row.Name, machine).Get<float>();
                Assert.Equal(expected, among.Run(row.Name, machine).Get<float>().AsSpan(expected.Length, expected.Length).ToArray());
            }
        }
    }

    [Fact]
    public void RowsOfAbsurdPaddingAreLeftToTheReference()
    {
        OpFixture conv = new OpFixture(new ConvOp(), new ConvAttributes(null, [1 << 28], null, [1 << 29, 0], 1, AutoPad.NotSet, ChannelsLast: true))
            .Input([1f], 1, 1, 1).Constant([2f, 3f], 1, 1, 2);
        Assert.Contains(conv.Node.Op.Choices(conv.Node, new CpuInfo(CpuInfo.Widest, 1)), r => !r.Fit.Ok && r.Fit.Why.StartsWith("the rows under one line", StringComparison.Ordinal));
        conv.RowsMustEqualReference();
    }

    [Fact]
    public void NonFiniteInputsAndWeightsReachExactlyTheOutputsThatSeeThem()
    {
        foreach (int kernel in (int[])[1, 3])
        {
            float[] image = OpFixture.Random(6 * 6 * 4), weights = OpFixture.Random(20L * 4 * kernel * kernel, seed: 2);
            image[17] = float.NaN;
            image[40] = float.PositiveInfinity;
            Fixture(image, [1, 6, 6, 4], weights, [20, 4, kernel, kernel], kernel / 2).RowsMustEqualReference();
            weights[5] = float.NegativeInfinity;
            weights[^1] = float.NaN;
            image[17] = image[40] = 1;
            Fixture(image, [1, 6, 6, 4], weights, [20, 4, kernel, kernel], kernel / 2).RowsMustEqualReference();
        }
    }

    [Theory]
    [InlineData(0, 2, 3, 1)]
    [InlineData(0, 2, 3, 2)]
    [InlineData(2, 0, 3, 1)]
    [InlineData(2, 0, 3, 2)]
    [InlineData(2, 2, 0, 1)]
    [InlineData(2, 2, 0, 2)]
    public void EmptyBatchesChannelsAndFilters(int batch, int channels, int filters, int kernel) =>
        new OpFixture(new ConvOp(), new ConvAttributes(null, null, null, [1, 1, 0, 0], 1, AutoPad.NotSet, ChannelsLast: true))
            .Input(OpFixture.Random((long)batch * 4 * 5 * channels), batch, 4, 5, channels)
            .Constant(OpFixture.Random((long)filters * channels * kernel * kernel), filters, channels, kernel, kernel)
            .Constant(OpFixture.Random(filters), filters).RowsMustEqualReference();

    [Fact]
    public void PointwiseTakesNoScratchMemory()
    {
        OpFixture fixture = Image(channels: 64, height: 28, width: 28, filters: 128, kernel: 1, seed: 1);
        Choice row = Assert.Single(fixture.Rows(new CpuInfo(CpuInfo.Widest, 2)), r => r.Name.StartsWith("conv.pointwise", StringComparison.Ordinal));
        using var memory = new AlignedMemory(row.Pack!.Bytes([fixture.Node.Input(1).Constant, fixture.Node.Input(2).Constant]));
        var kernel = (ICpuKernel)row.Bind(new PackedWeights(memory));
        Assert.Equal(0, kernel.ScratchBytes);
        Assert.True(kernel.Tasks > 1);
    }

    [Fact]
    public void EveryRefusalIsASentence()
    {
        OpFixture fixture = ConvCase.Random(new Random(5), 2, 8, 4).Fixture(channelsLast: false);
        foreach (Isa isa in IsaDispatch.All)
            foreach (Choice row in fixture.Node.Op.Choices(fixture.Node, new CpuInfo(isa, 1)))
                Assert.True(row.Fit.Ok || row.Fit.Why.Contains(' ', StringComparison.Ordinal), row.Name);
    }

    private static OpFixture Image(
        int channels, int height, int width, int filters, int kernel, int seed, int stride = 1, int batch = 1, bool residual = false, Activation activation = default)
    {
        int pad = kernel / 2, outHeight = (height + 2 * pad - kernel) / stride + 1, outWidth = (width + 2 * pad - kernel) / stride + 1;
        var attributes = new ConvAttributes(null, [stride, stride], null, [pad, pad, pad, pad], 1, AutoPad.NotSet, ChannelsLast: true, activation);
        OpFixture fixture = new OpFixture(new ConvOp(), attributes)
            .Input(OpFixture.Random((long)batch * height * width * channels, seed), batch, height, width, channels)
            .Constant(OpFixture.Random((long)filters * channels * kernel * kernel, seed + 1), filters, channels, kernel, kernel)
            .Constant(OpFixture.Random(filters, seed + 2));
        return residual ? fixture.Input(OpFixture.Random((long)batch * outHeight * outWidth * filters, seed + 3), batch, outHeight, outWidth, filters) : fixture;
    }

    private static OpFixture Fixture(float[] image, long[] shape, float[] weights, long[] filter, int pad) =>
        new OpFixture(new ConvOp(), new ConvAttributes(null, null, null, [pad, pad, pad, pad], 1, AutoPad.NotSet, ChannelsLast: true))
            .Input(image, shape).Constant(weights, filter);
}
