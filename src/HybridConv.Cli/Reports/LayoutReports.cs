namespace HybridConv.Cli.Reports;

/// <summary>Pointwise layers in both layouts.</summary>
/// <param name="Threads">Threads of a run.</param>
/// <param name="PeakGflops">Fused multiply-adds in registers, two operations each, on as many threads.</param>
/// <param name="Rounds">What medians and ratios rest on.</param>
/// <param name="Rows">One per layer.</param>
/// <param name="Verdict">What the rows say.</param>
internal sealed record LayoutsReport(int Threads, double PeakGflops, int Rounds, IReadOnlyList<LayoutRow> Rows, LayoutVerdict Verdict);

/// <param name="Layer">Pixels and channels: <c>56x56 64-256</c>.</param>
/// <param name="Origin">The network that has it.</param>
/// <param name="Height">Of input and output.</param>
/// <param name="Width">Of input and output.</param>
/// <param name="InputChannels">Channels of an input pixel.</param>
/// <param name="OutputChannels">Channels of an output pixel.</param>
/// <param name="Naive">As a loop over pixels, output channels and input channels.</param>
/// <param name="Blocked">As a blocked GEMM.</param>
/// <param name="Reason">Which result is wrong: nothing was measured then.</param>
internal sealed record LayoutRow(
    string Layer, string Origin, int Height, int Width, int InputChannels, int OutputChannels,
    LayoutPair? Naive = null, LayoutPair? Blocked = null, string? Reason = null);

/// <param name="ChannelsLast">A pixel's channels lie side by side.</param>
/// <param name="ChannelsFirst">A channel's pixels lie side by side.</param>
/// <param name="Ratio">The median over the rounds of channels-first's time by channels-last's; above 1 channels-last is faster.</param>
/// <param name="RatioLow">The lower quartile.</param>
/// <param name="RatioHigh">The upper quartile.</param>
internal sealed record LayoutPair(LayoutTime ChannelsLast, LayoutTime ChannelsFirst, double Ratio, double RatioLow, double RatioHigh);

/// <param name="MedianMs">The middle one of the rounds' times of a run.</param>
/// <param name="Gflops">Direct multiply-accumulates, two operations each, per median time.</param>
/// <param name="PercentOfPeak">Of the report's peak.</param>
internal sealed record LayoutTime(double MedianMs, double Gflops, double PercentOfPeak);

/// <summary>Where the claim holds that channels-last makes 1x1 convolutions faster, in a sentence each.</summary>
/// <param name="Naive">For naive loops.</param>
/// <param name="Blocked">For blocked GEMMs.</param>
/// <param name="Conclusion">Taken together.</param>
internal sealed record LayoutVerdict(string Naive, string Blocked, string Conclusion);
