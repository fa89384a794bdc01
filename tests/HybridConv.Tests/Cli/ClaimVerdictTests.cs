using HybridConv.Cli.LayoutClaim;
using HybridConv.Cli.Reports;
using Xunit;

namespace HybridConv.Tests.Cli;

/// <summary>What is said about ratios of which everybody knows what they mean.</summary>
public class ClaimVerdictTests
{
    private const string About = "As a naive loop, channels-last is ", Gemm = "As a blocked GEMM, channels-last is ";

    [Fact]
    public void Faster_loops_and_equal_products_are_a_claim_about_loops()
    {
        LayoutVerdict verdict = Of(naive: [1.5, 4, 2], blocked: [1.01, 0.92, 1.09]);
        Assert.Equal($"{About}faster on all 3 layers (least 1.50, middle 2.00, most 4.00 times): the claim holds.", verdict.Naive);
        Assert.Equal($"{Gemm}within 10 % of channels-first on all 3 layers (least 0.92, middle 1.01, most 1.09 times): the claim does not hold.", verdict.Blocked);
        Assert.Equal("The claim is about loops, not about layouts.", verdict.Conclusion);
    }

    [Fact]
    public void Slower_is_said_to_be_slower()
    {
        LayoutVerdict verdict = Of(naive: [0.5, 0.9], blocked: [0.89, 1]);
        Assert.Equal($"{About}slower on all 2 layers (least 0.50, middle 0.70, most 0.90 times): the claim does not hold.", verdict.Naive);
        Assert.Equal(
            $"{Gemm}within 10 % of channels-first on 1 of 2 layers (L1: 1.00 times); slower on 1 of 2 layers (L0: 0.89 times): the claim does not hold.", verdict.Blocked);
        Assert.Equal("The claim holds neither for loops nor for blocked GEMMs.", verdict.Conclusion);
    }

    [Fact]
    public void Mixed_layers_are_named()
    {
        LayoutVerdict verdict = Of(naive: [3.8, 1.02, 1.2, 0.8], blocked: [1, 1, 1, 1.11]);
        Assert.Equal(
            $"{About}faster on 2 of 4 layers (L0: 3.80, L2: 1.20 times); within 10 % of channels-first on 1 of 4 layers (L1: 1.02 times); " +
            "slower on 1 of 4 layers (L3: 0.80 times): the claim holds on the first and not on the others.",
            verdict.Naive);
        Assert.Equal("The claim holds on some layers, for loops and for blocked GEMMs.", verdict.Conclusion);
    }

    [Theory]
    [InlineData(2, 2, 2, 2, "The claim holds for loops and for blocked GEMMs.")]
    [InlineData(2, 2, 2, 1, "The claim holds for loops, and on some layers for blocked GEMMs.")]
    [InlineData(2, 1, 1, 1, "Where the claim holds, it is about loops, not about layouts.")]
    [InlineData(2, 1, 2, 2, "The claim holds for blocked GEMMs, and on some layers for loops.")]
    [InlineData(1, 1, 2, 2, "The claim holds for blocked GEMMs only.")]
    [InlineData(1, 0.5, 2, 1, "The claim holds for blocked GEMMs only, and on some layers.")]
    public void The_conclusion_takes_both_together(double naive0, double naive1, double blocked0, double blocked1, string conclusion) =>
        Assert.Equal(conclusion, Of([naive0, naive1], [blocked0, blocked1]).Conclusion);

    [Fact]
    public void Layers_that_gave_wrong_results_are_left_out()
    {
        LayoutRow wrong = new("L", "", 1, 1, 1, 1, Reason: "wrong");
        Assert.Equal("The claim stays open.", ClaimVerdict.Of([wrong]).Conclusion);
        Assert.StartsWith($"{About}faster on all 1 layers", ClaimVerdict.Of([wrong, Row(0, 2, 1)]).Naive);
    }

    private static LayoutVerdict Of(double[] naive, double[] blocked) => ClaimVerdict.Of([.. naive.Zip(blocked).Select((pair, i) => Row(i, pair.First, pair.Second))]);

    private static LayoutRow Row(int index, double naive, double blocked) => new($"L{index}", "", 1, 1, 1, 1, Pair(naive), Pair(blocked));

    private static LayoutPair Pair(double ratio) => new(new LayoutTime(1, 1, 1), new LayoutTime(ratio, 1 / ratio, 1 / ratio), ratio, ratio, ratio);
}
