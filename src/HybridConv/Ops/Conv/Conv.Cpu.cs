using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>The CPU's table; README.md beside this file says which row is for what.</summary>
internal sealed partial class ConvOp : ITable<ConvSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<ConvSpec, CpuInfo>> Rows => field ??=
    [
        .. DepthwiseRows,
        .. GroupedRows,
        .. PointwiseRows,
        .. WinogradRows<WinogradFour>(),
        .. WinogradRows<WinogradTwo>(),
        .. DirectRows,
    ];

    /// <summary>What no row here can do; null when nothing of that kind is in the way.</summary>
    private static string? WhyNotPacked(ConvSpec spec) => spec.HasConstantWeights
        ? ImageView.WhyNoVectors(spec.ChannelsLast, [spec.Input, .. spec.Outputs, spec.Residual, spec.Scaling?.Scale, spec.Scaling?.Shift])
        : "weights or bias are not constants";

    /// <summary>What only pointwise rows can do, and what none can; null when nothing of that kind is in the way.</summary>
    private static string? WhyNotPlain(ConvSpec spec) =>
        spec.Outputs.Count > 1 ? $"the result is stored in {spec.Outputs.Count} tensors, which pointwise rows do"
        : spec.Scaling is not null ? "the image is scaled on its way in, which pointwise rows do"
        : WhyNotPacked(spec);

    /// <summary>Panels of the weights, for each group: positions of the reduction count filter positions, then channels.</summary>
    private static PanelFormat Panels(ConvSpec spec, Isa isa)
    {
        int taps = (int)spec.Weights.Product(2, spec.Weights.Rank);
        return new PanelFormat((int)isa, spec.Groups, spec.GroupFilters, taps, spec.GroupChannels, spec.Depth, 1, taps, spec.HasBias ? Bias : -1);
    }

    private static LineGrid Grid(ConvSpec spec) => new(spec.Batch, spec.Windows[0].Output, spec.Windows[1].Output, spec.Windows[2].Output);

    /// <summary>Where an image's lines lie; <paramref name="steps"/> are the positions from one output to the next along depth, height and width.</summary>
    private static LineStrides Lines(TensorView image, ReadOnlySpan<Window> steps) => new(
        (nint)image.Strides[ImageView.Batch], (nint)image.Strides[ImageView.Depth] * steps[0].Stride,
        (nint)image.Strides[ImageView.Height] * steps[1].Stride, (nint)image.Strides[ImageView.Width] * steps[2].Stride);

    private static LineStrides Lines(TensorView image) => Lines(image, [ImageView.Point, ImageView.Point, ImageView.Point]);
}
