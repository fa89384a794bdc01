using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using Xunit;

namespace HybridConv.Tests.Ops.Conv;

/// <summary>Winograd's rows on the processor, beyond what the conformance cases say of their errors.</summary>
public class WinogradTests
{
    /// <summary>F(2, 3) multiplies by 1 and 1/2 only, so on whole numbers nothing is rounded.</summary>
    [Fact]
    public void TilesOfTwoAreExactOnWholeNumbers()
    {
        foreach (int size in (int[])[1, 2, 5, 9, 30])
            foreach ((int channels, int filters) in (ReadOnlySpan<(int, int)>)[(8, 8), (17, 33), (40, 70)])
            {
                OpFixture conv = Square(size, channels, filters, Whole);
                OpFixture.Results expected = conv.Reference<float>();
                foreach (CpuInfo machine in Machines)
                {
                    conv.Run($"conv.winograd.f2x3.f32.{machine.Isa.Label()}", machine).MustEqual(expected);
                    conv.Run($"conv.winograd.f2x3.f32.{machine.Isa.Label()}", machine, reverseTasks: true).MustEqual(expected);
                }
            }
    }

    /// <summary>How tiles are shared out never shows in a result.</summary>
    [Fact]
    public void ThreadsAndOrderDoNotMatter()
    {
        foreach (int outputs in (int[])[2, 4])
            foreach (int size in (int[])[13, 28])
            {
                OpFixture conv = Square(size, 48, 72, OpFixture.Random);
                string row = $"conv.winograd.f{outputs}x3.f32.{CpuInfo.Widest.Label()}";
                OpFixture.Results expected = conv.Run(row, new CpuInfo(CpuInfo.Widest, 1, Precision.Fast));
                foreach (int threads in (int[])[2, 3, 8])
                    conv.Run(row, new CpuInfo(CpuInfo.Widest, threads, Precision.Fast), reverseTasks: true).MustEqual(expected);
            }
    }

    /// <summary>Transforms would spread what is not finite, and overflow on what almost is not: then the direct kernel does the work.</summary>
    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(2e38f)]
    public void WeightsThatCannotBeTransformedAreTakenAsTheyAre(float weight)
    {
        float[] weights = OpFixture.Random(16L * 12 * 9, seed: 2);
        weights[5] = weight;
        OpFixture conv = new OpFixture(new ConvOp(), Padded()).Input(OpFixture.Random(6L * 7 * 12), 1, 6, 7, 12).Constant(weights, 16, 12, 3, 3);
        OpFixture.Results expected = conv.Reference<float>();
        foreach (CpuInfo machine in Machines)
            foreach (int outputs in (int[])[2, 4])
                conv.Run($"conv.winograd.f{outputs}x3.f32.{machine.Isa.Label()}", machine).MustEqual(expected);
    }

    /// <summary>Precision reproducible has no such rows; precision fast takes them where they gain much, and not where weights are most of the work.</summary>
    [Fact]
    public void RowsAreTakenWhereTheyGain()
    {
        Assert.StartsWith("conv.direct", Best(28, 128, 128, Precision.Reproducible), StringComparison.Ordinal);
        Assert.StartsWith("conv.winograd.f4x3", Best(56, 64, 64, Precision.Fast), StringComparison.Ordinal);
        Assert.StartsWith("conv.winograd.f4x3", Best(28, 128, 128, Precision.Fast), StringComparison.Ordinal);
        // Whose memory brings the weights of larger tiles soon enough, differs between processors.
        Assert.StartsWith("conv.winograd.f", Best(14, 256, 256, Precision.Fast), StringComparison.Ordinal);
        Assert.StartsWith("conv.direct", Best(4, 512, 512, Precision.Fast), StringComparison.Ordinal);
    }

    private static IEnumerable<CpuInfo> Machines => IsaDispatch.All.Where(isa => isa <= CpuInfo.Widest).Select(isa => new CpuInfo(isa, 2, Precision.Fast));

    private static string Best(int size, int channels, int filters, Precision precision) =>
        new OpFixture(new ConvOp(), Padded()).Input(new float[(long)size * size * channels], 1, size, size, channels)
            .Constant(new float[(long)filters * channels * 9], filters, channels, 3, 3)
            .Rows(new CpuInfo(Isa.V512, 1, precision)).MinBy(row => row.Fit.Nanoseconds)!.Name;

    private static float[] Whole(long count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, (int)count).Select(_ => (float)random.Next(-4, 5))];
    }

    private static OpFixture Square(int size, int channels, int filters, Func<long, int, float[]> fill) => new OpFixture(new ConvOp(), Padded())
        .Input(fill(2L * size * (size + 1) * channels, 1), 2, size, size + 1, channels)
        .Constant(fill((long)filters * channels * 9, 2), filters, channels, 3, 3)
        .Constant(fill(filters, 3), filters);

    private static ConvAttributes Padded() => new(null, null, null, [1, 1, 1, 1], 1, AutoPad.NotSet, ChannelsLast: true, Activation.Relu);
}
