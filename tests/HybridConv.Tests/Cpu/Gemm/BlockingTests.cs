using HybridConv.Cpu.Gemm;
using Xunit;

namespace HybridConv.Tests.Cpu.Gemm;

/// <summary>Cuts cover all work without an empty task, and those of one image after the other agree where threads meet.</summary>
public class BlockingTests
{
    [Fact]
    public void Every_pixel_and_panel_is_in_exactly_one_block_and_no_block_is_empty()
    {
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            int pixels = random.Next(1, 1 << random.Next(1, 16)), panels = random.Next(1, 1 << random.Next(1, 8)), depth = random.Next(1, 1 << random.Next(1, 12));
            int threads = random.Next(1, 20), granule = random.Next(2) == 0 ? 1 : 14;
            double panelBytes = (depth + 1) * 128.0;
            Blocking cut = Blocking.Choose(pixels, granule, depth * 4.0, panels, panelBytes, 32.0 * pixels * panels * depth, threads);
            string which = $"{pixels} pixels by {panels} panels of depth {depth} on {threads} threads: {cut}";
            Assert.True((cut.PixelBlocks - 1L) * cut.BlockPixels < pixels && (long)cut.PixelBlocks * cut.BlockPixels >= pixels, which);
            Assert.True((cut.PanelRanges - 1L) * cut.RangePanels < panels && (long)cut.PanelRanges * cut.RangePanels >= panels, which);
        }
    }

    [Theory]
    [InlineData(112 * 112, 16, 96)]
    [InlineData(56 * 56, 24, 144)]
    [InlineData(28 * 28, 240, 40)]
    [InlineData(14 * 14, 80, 480)]
    [InlineData(14 * 14, 672, 112)]
    [InlineData(7 * 7, 960, 160)]
    public void Two_threads_meet_in_the_middle_of_an_image(int pixels, int channels, int filters)
    {
        int panels = (filters + 31) / 32;
        Blocking cut = Blocking.Choose(pixels, 14, channels * 4.0, panels, (channels + 1) * 128.0, (double)pixels * channels * filters, threads: 2);
        Assert.Equal(1, cut.PanelRanges);
        int first = cut.PixelBlocks / 2 * cut.BlockPixels;
        Assert.InRange(first, 0.49 * pixels, 0.52 * pixels);
    }

    [Fact]
    public void Weights_that_would_be_read_twice_for_few_pixels_are_cut_instead() =>
        Assert.True(Blocking.Choose(49, 14, 2048, 64, 513 * 128.0, 49.0 * 512 * 2048, threads: 2).PanelRanges > 1);

    [Fact]
    public void A_single_pixel_shares_its_panels()
    {
        Blocking cut = Blocking.Choose(1, 14, 3840, 8, 961 * 128.0, 960 * 240, threads: 2);
        Assert.Equal((1, true), (cut.PixelBlocks, cut.PanelRanges > 1));
    }
}
