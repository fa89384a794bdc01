using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Gemm;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>What the rows for GPUs share: a convolution as the products of <see cref="TileProblem"/>.</summary>
internal sealed partial class ConvOp
{
    /// <summary>Why a device is not given kernels of one profile; null when it is.</summary>
    private static string? WhyNotProfile(ClDevice device, ClProfile profile) =>
        device.Profile == profile ? null : $"the device's profile is {device.Profile}, not {profile}";

    /// <summary>What no kernel on packed weights can do; null when nothing of that kind is in the way.</summary>
    private static string? WhyNotTiled(ConvSpec spec) =>
        WhyNotPacked(spec) is { } why ? why
        : spec.Depth == 0 ? "filters have no channels"
        : spec.Groups > TileProblem.MostGroups ? $"{spec.Groups} groups are more than the {TileProblem.MostGroups} that a launch may have"
        : spec.Outputs.Count > 1 && spec.Groups > 1 ? $"the result is stored in {spec.Outputs.Count} tensors, with {spec.Groups} groups"
        : spec.Outputs.Count > Shape.MaxRank ? $"the result is stored in {spec.Outputs.Count} tensors; at most {Shape.MaxRank} are packed together"
        : null;

    /// <summary>The weights of each group or output as panels.</summary>
    private static TileFormat TileWeights(ConvSpec spec, int width, int stage)
    {
        int taps = (int)spec.Weights.Product(2, spec.Weights.Rank);
        Shape parts = spec.Outputs.Count > 1 ? new Shape([.. spec.Outputs.Select(output => output.Shape[ImageView.Channel])]) : new Shape(spec.GroupFilters);
        return new TileFormat(width, stage, spec.Groups, parts, taps, spec.GroupChannels, (long)taps * spec.GroupChannels, 1, taps, spec.HasBias ? Bias : -1);
    }

    /// <summary>One problem for each output.</summary>
    private static IEnumerable<TileProblem> TileProblems(ConvSpec spec, SeenImage image, TileFormat format) => PartsOf(spec).Select(part => new TileProblem(
        new PanelOperand(image.Argument, image.View, spec.GroupChannels),
        spec.Residual is null ? PanelOperand.Absent : new PanelOperand(ClArgument.Input(Residual), spec.Residual, spec.GroupFilters),
        new PanelOperand(ClArgument.Output(part.Output), part.View, spec.GroupFilters),
        spec.Windows.ToArray(), spec.Groups, spec.GroupChannels, ClArgument.Packed(format.Start(part.Output)), format.Layout(part.Output), spec.Activation));

    /// <summary>Predicts what all outputs take together, after the image has been scaled.</summary>
    private static Fit PredictTiles(ConvSpec spec, ClDevice device, TileFormat format, Func<TileProblem, double, double> predict)
    {
        double nanoseconds = spec.Scaling is null ? 0 : device.LaunchNanoseconds, bytes = TrafficBytes(spec) / spec.Outputs.Count;
        foreach (TileProblem problem in TileProblems(spec, SeenImage.Of(spec, device), format))
            nanoseconds += predict(problem, bytes);
        return double.IsFinite(nanoseconds) ? Fit.Yes(nanoseconds) : Fit.No($"a reduction of {spec.Depth} is too short to be shared out");
    }

    /// <summary>All outputs, one after the other. <paramref name="launches"/> may use working memory from the given byte on, and says how much.</summary>
    private static ClKernel BindTiles(
        ConvSpec spec, ClDevice device, PackedWeights? packed, TileFormat format,
        Func<TileProblem, long, (IEnumerable<ClLaunch> Launches, long ScratchBytes)> launches)
    {
        // Zeros for padding are right for finite weights only.
        bool skips = packed is not null && !TileFormat.IsFinite(packed) && SeesPadding(spec);
        SeenImage image = SeenImage.Of(spec, device);
        long start = AlignUp(image.ScratchBytes), end = image.ScratchBytes;
        var all = new List<ClLaunch>(image.Launches);
        foreach (TileProblem problem in TileProblems(spec, image, format))
        {
            if (skips)
            {
                all.Add(problem.MultiplyInRegisters(skipsPadding: true));
                continue;
            }
            (IEnumerable<ClLaunch> some, long scratch) = launches(problem, start);
            all.AddRange(some);
            end = Math.Max(end, start + scratch);
        }
        return new ClKernel(all, end);
    }

    private static bool SeesPadding(ConvSpec spec) => Array.Exists(spec.Windows.ToArray(), window => PanelAxis.Of(window).SeesPadding);

    /// <summary>Working memory is cut at multiples of this.</summary>
    private static long AlignUp(long bytes) => (bytes + 63) / 64 * 64;
}
