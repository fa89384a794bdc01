using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.Cpu.Gemm;
using HybridConv.Graphs;
using HybridConv.Ops.Gemm;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.ConvTranspose;

/// <summary>
/// The cpu profile: outputs that are one stride apart form a phase, for which the filter is an ordinary small one whose taps run backwards through the input
/// (<see cref="Phases"/>). Each combination of the axes' phases is a launch of the kernel of convolutions.
/// </summary>
internal sealed partial class ConvTransposeOp
{
    /// <summary>The share of the peak that full tiles reach.</summary>
    private const double TileEfficiency = 0.7;

    /// <summary>The most launches; only absurd strides take more.</summary>
    private const long MaxPhases = 64;

    private static IEnumerable<Candidate<ConvTransposeSpec, ClDevice>> CpuRows => ClLanes.Rows(lanes => new Candidate<ConvTransposeSpec, ClDevice>(
        $"convtranspose.phases.f32.cpu.{PointwiseKernel.Granule(lanes)}x{2 * lanes}",
        (spec, device) => ClLanes.WhyNot(device, lanes) is { } other ? Fit.No(other) : FitsPhases(spec, device),
        spec => Panels(spec, (Isa)lanes),
        (spec, device, _) => BindPhases(spec, device)));

    private static Fit FitsPhases(ConvTransposeSpec spec, ClDevice device)
    {
        if (!spec.HasConstantWeights)
            return Fit.No("weights or bias are not constants");
        if (ImageView.WhyNoVectors(spec.Attributes.ChannelsLast, spec.Input, spec.Output, spec.Residual) is { } why)
            return Fit.No(why);
        long phases = 1;
        foreach (ScatterWindow window in spec.Windows)
            phases *= Math.Min(window.Stride, window.Output);
        if (phases > MaxPhases)
            return Fit.No($"the strides make {phases} phases; each is a launch, and at most {MaxPhases} are made");
        double efficiency = TileEfficiency * Panels(spec, (Isa)device.Lanes).Layout.Efficiency;
        return Fit.Yes(device.Predict(2 * spec.Macs, TrafficBytes(spec), efficiency, (int)phases));
    }

    private static ClKernel BindPhases(ConvTransposeSpec spec, ClDevice device)
    {
        var launches = new List<ClLaunch>();
        (ScatterWindow depth, ScatterWindow height, ScatterWindow width) = (spec.Windows[0], spec.Windows[1], spec.Windows[2]);
        long scratch = 0;
        for (int d = 0; d < Math.Min(depth.Stride, depth.Output); d++)
            for (int h = 0; h < Math.Min(height.Stride, height.Output); h++)
                for (int w = 0; w < Math.Min(width.Stride, width.Output); w++)
                {
                    (ClLaunch launch, long end) = Phase(spec, device, [d, h, w]).Bind(device);
                    launches.Add(launch);
                    scratch = Math.Max(scratch, end);
                }
        return new ClKernel(launches, scratch);
    }

    /// <param name="spec">The whole convolution.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="phases">The phase along depth, height and width.</param>
    private static PanelLaunch Phase(ConvTransposeSpec spec, ClDevice device, int[] phases)
    {
        PanelLayout panels = Panels(spec, (Isa)device.Lanes).Layout;
        return new PanelLaunch
        {
            Input = new(ClArgument.Input(0), spec.Input, spec.InputChannels / spec.Group),
            Output = PhaseOf(spec, spec.Output, ClArgument.Output(), phases),
            Residual = spec.Residual is null ? PanelOperand.Absent : PhaseOf(spec, spec.Residual, ClArgument.Input(ResidualIndex), phases),
            Panels = panels,
            PanelsGroupStride = panels.Floats,
            Groups = spec.Group,
            Axes = [Axis(spec.Windows[0], phases[0]), Axis(spec.Windows[1], phases[1]), Axis(spec.Windows[2], phases[2])],
            Batch = spec.Output.Shape.Dim(ImageView.Batch),
            Channels = spec.InputChannels / spec.Group,
            Filters = spec.OutputChannels / spec.Group,
            Activation = spec.Attributes.Activation,
        };
    }

    /// <summary>The pixels of one phase of an image of the output's shape.</summary>
    private static PanelOperand PhaseOf(ConvTransposeSpec spec, TensorView image, ClArgument argument, int[] phases)
    {
        long[] strides = [.. image.Strides];
        long start = 0;
        for (int axis = 0; axis < phases.Length; axis++)
        {
            start += phases[axis] * strides[ImageView.Depth + axis];
            strides[ImageView.Depth + axis] *= spec.Windows[axis].Stride;
        }
        return new PanelOperand(argument, image with { Strides = strides }, spec.OutputChannels / spec.Group, start);
    }

    /// <summary>
    /// One axis of a phase: its output i is the tensor's <paramref name="phase"/> + i*Stride, and through every step-th tap from the first it sees, one by one,
    /// positions that lie step*Dilation/Stride before each other; from one output to the next, each tap sees the next position.
    /// </summary>
    private static PanelAxis Axis(ScatterWindow window, int phase)
    {
        long scaled = (long)phase + window.PadBegin;
        int first = 0;
        while (first < window.Kernel && (scaled - (long)first * window.Dilation) % window.Stride != 0)
            first++;
        int step = window.Stride / (int)System.Numerics.BigInteger.GreatestCommonDivisor(window.Stride, window.Dilation);
        int outputs = (window.Output - phase + window.Stride - 1) / window.Stride, taps = Math.Max(0, window.Kernel - first + step - 1) / step;
        if (taps == 0)
            return new PanelAxis(new Window(window.Input, outputs, 0, 1, 1, 0, 0), window.Kernel);
        int apart = (int)((long)step * window.Dilation / window.Stride), start = (int)((scaled - (long)first * window.Dilation) / window.Stride);
        return new PanelAxis(new Window(window.Input, outputs, taps, 1, -apart, -start, 0), window.Kernel, first, step);
    }
}
