using HybridConv.Conformance.Cases;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops.Conv;
using HybridConv.Ops.ConvTranspose;
using HybridConv.Ops.Gemm;
using HybridConv.Planning;
using Xunit;

namespace HybridConv.Conformance;

/// <summary>What must hold between results of different convolutions, whatever their values: each law is checked on the rows that the machine would run.</summary>
public class LawTests
{
    private const int N = 2, C = 6, K = 10, H = 9, W = 11;

    private static readonly Draw Numbers = new(7);
    private static readonly CaseOperand Image = Numbers.Operand(new Shape(N, H, W, C), Fill.Real);
    private static readonly CaseOperand Filters = Numbers.Operand(new Shape(K, C, 3, 3), Fill.Real, true);
    private static readonly CaseOperand Whole = new Draw(8).Operand(new Shape(N, H, W, C), Fill.Whole);
    private static readonly CaseOperand WholeFilters = new Draw(9).Operand(new Shape(K, C, 3, 3), Fill.Whole, true);

    [Fact]
    public void ScalingTheImageByAPowerOfTwoScalesTheResultExactly() =>
        Same(Map(Conv(Image, Filters), y => y * 0.25f), Conv(Map(Image, x => x * 0.25f), Filters));

    [Fact]
    public void ConvolutionIsLinear()
    {
        CaseOperand other = new Draw(10).Operand(Whole.Shape, Fill.Whole);
        CaseOperand sum = Whole with { Data = [.. Whole.Data.Zip(other.Data, (a, b) => a + 2 * b)] };
        Same([.. Conv(Whole, WholeFilters).Zip(Conv(other, WholeFilters), (a, b) => a + 2 * b)], Conv(sum, WholeFilters));
    }

    [Fact]
    public void PermutingFiltersPermutesChannels()
    {
        int[] order = [.. Enumerable.Range(0, K).Reverse()];
        float[] expected = Conv(Image, Filters), permuted = Conv(Image, Filters with { Data = [.. order.SelectMany(k => Filters.Data.Skip(k * C * 9).Take(C * 9))] });
        for (int i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], permuted[i / K * K + order[i % K]]);
    }

    [Fact]
    public void PermutingImageAndFilterChannelsTogetherChangesNothing()
    {
        CaseOperand image = Whole with { Data = [.. Enumerable.Range(0, Whole.Data.Length).Select(i => Whole.Data[i / C * C + (C - 1 - i % C)])] };
        CaseOperand filters = WholeFilters with { Data = [.. Enumerable.Range(0, WholeFilters.Data.Length).Select(i => WholeFilters.Data[i / (9 * C) * 9 * C + (C - 1 - i / 9 % C) * 9 + i % 9])] };
        Same(Conv(Whole, WholeFilters), Conv(image, filters));
    }

    [Fact]
    public void GroupsAreABlockDiagonalFilter()
    {
        const int groups = 2;
        CaseOperand grouped = new Draw(11).Operand(new Shape(K, C / groups, 3, 3), Fill.Whole, true);
        var dense = new float[K * C * 9];
        for (int k = 0; k < K; k++)
            grouped.Data.AsSpan(k * C / groups * 9, C / groups * 9).CopyTo(dense.AsSpan((k * C + k / (K / groups) * (C / groups)) * 9));
        Same(Conv(Whole, WholeFilters with { Data = dense }), Conv(Whole, grouped, groups: groups));
    }

    [Theory]
    [InlineData(2, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    public void AStrideTakesEveryNthResult(int down, int right)
    {
        float[] all = Conv(Image, Filters), some = Conv(Image, Filters, strides: [down, right]);
        int q = (W + right - 1) / right, p = (H + down - 1) / down;
        for (int i = 0; i < some.Length; i++)
            Assert.Equal(all[((i / K / q / p * H + i / K / q % p * down) * W + i / K % q * right) * K + i % K], some[i]);
    }

    [Fact]
    public void DilationPutsZerosBetweenFilterPositions()
    {
        var stuffed = new float[K * C * 25];
        for (int i = 0; i < WholeFilters.Data.Length; i++)
            stuffed[i / 9 * 25 + i % 9 / 3 * 10 + i % 3 * 2] = WholeFilters.Data[i];
        Same(Conv(Whole, new CaseOperand(stuffed, new Shape(K, C, 5, 5), true)), Conv(Whole, WholeFilters, dilation: 2));
    }

    [Fact]
    public void APointwiseConvolutionIsAMatrixProduct()
    {
        CaseOperand filters = new Draw(12).Operand(new Shape(K, C, 1, 1), Fill.Real, true);
        var product = new Case("product", new GemmOp(), new GemmAttributes(1, 1, false, true),
            [Image with { Shape = new Shape(N * H * W, C) }, filters with { Shape = new Shape(K, C) }], Fill.Real);
        Same(Best(product), Conv(Image, filters));
    }

    [Fact]
    public void ABatchIsItsImagesOneByOne()
    {
        float[] together = Conv(Image, Filters);
        for (int n = 0; n < N; n++)
        {
            CaseOperand image = new(Image.Data[(n * H * W * C)..((n + 1) * H * W * C)], new Shape(1, H, W, C));
            Same(together[(n * H * W * K)..((n + 1) * H * W * K)], Conv(image, Filters));
        }
    }

    /// <summary>The sum of (A x) y over all results is the sum of x (A' y) over all inputs: exactly, on whole numbers.</summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 0)]
    public void ATransposedConvolutionIsTheAdjoint(int stride, int pad)
    {
        int p = (H + 2 * pad - 3) / stride + 1, q = (W + 2 * pad - 3) / stride + 1;
        CaseOperand y = new Draw(13).Operand(new Shape(N, p, q, K), Fill.Whole);
        var back = new ConvTransposeAttributes(null, [stride, stride], null, [pad, pad, pad, pad],
            [(H + 2 * pad - 3) % stride, (W + 2 * pad - 3) % stride], null, 1, AutoPad.NotSet, true);
        float[] forward = Conv(Whole, WholeFilters, strides: [stride, stride], pad: pad);
        float[] backward = Best(new Case("adjoint", new ConvTransposeOp(), back, [y, WholeFilters], Fill.Whole));
        Assert.Equal(forward.Zip(y.Data, (a, b) => (double)a * b).Sum(), Whole.Data.Zip(backward, (a, b) => (double)a * b).Sum());
    }

    private static float[] Conv(CaseOperand image, CaseOperand filters, long groups = 1, long[]? strides = null, long dilation = 1, long? pad = null)
    {
        long half = pad ?? (filters.Shape[2] - 1) * dilation / 2;
        var attributes = new ConvAttributes(null, strides, [dilation, dilation], [half, half, half, half], groups, AutoPad.NotSet, true);
        return Best(new Case("law", new ConvOp(), attributes, [image, filters], Fill.Real));
    }

    /// <summary>What the machine's cheapest row computes; the reference where no row fits.</summary>
    private static float[] Best(Case problem)
    {
        var machine = new CpuInfo(CpuInfo.Widest, 2);
        Choice? row = Execution.Rows(problem, machine).MinBy(r => r.Fit.Nanoseconds);
        return row is null ? Execution.Reference<float>(problem) : Execution.Run(problem, row.Name, machine);
    }

    private static CaseOperand Map(CaseOperand operand, Converter<float, float> f) => operand with { Data = Array.ConvertAll(operand.Data, f) };

    private static float[] Map(float[] values, Converter<float, float> f) => Array.ConvertAll(values, f);

    private static void Same(float[] expected, float[] actual) => Assert.Null(Agreement.Bits(expected, actual));
}
