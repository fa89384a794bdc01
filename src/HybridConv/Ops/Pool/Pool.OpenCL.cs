using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Pool;

/// <summary>The rows of pools on OpenCL devices: vectors over channels for every profile; maxima with their positions element by element.</summary>
internal static class PoolClRows
{
    private const string File = "pool/window.cl";

    /// <param name="op">The operator.</param>
    /// <param name="averages">Whether windows are averaged.</param>
    public static Candidate<PoolSpec, ClDevice> Windows(string op, bool averages) => new(
        $"{op}.channels.f32.portable",
        (spec, device) => spec.Type != ElementType.Float32 ? Fit.No($"the elements are {spec.Type.Label()}, not float32")
            : spec.Attributes.Indices ? Fit.No("positions of maxima are asked for")
            : Fit.Yes(Predict(device, spec, 0.1)),
        _ => null,
        (spec, device, _) => Bind(spec, device, averages));

    public static Candidate<PoolSpec, ClDevice> Positions(string op) => new(
        $"{op}.positions.f32.portable",
        (spec, device) => spec.Type != ElementType.Float32 ? Fit.No($"the elements are {spec.Type.Label()}, not float32")
            : !spec.Attributes.Indices ? Fit.No("positions of maxima are not asked for")
            : Fit.Yes(Predict(device, spec, 0.01)),
        _ => null,
        (spec, device, _) => BindPositions(spec, device));

    private static ClKernel Bind(PoolSpec spec, ClDevice device, bool averages)
    {
        (int channels, int width) = (checked((int)spec.Channels), spec.Windows[2].Output);
        // A processor takes whole lines; others one vector of a pixel's channels.
        (int run, int block) = device.Profile == ClProfile.Cpu ? (Math.Max(1, width), Math.Max(1, channels)) : (1, device.PortableLanes);
        int runs = (width + run - 1) / run, blocks = (channels + block - 1) / block;
        int units = spec.Output.Shape.Elements == 0 ? 0 : checked((int)(spec.Output.Shape[ImageView.Batch] * spec.Windows[0].Output * spec.Windows[1].Output * runs * blocks));
        ClShare share = ClShare.Of(device, units, Work(spec));
        return new ClKernel(
        [
            new ClLaunch(
                new ClProgram(File, $"-D LANES={device.PortableLanes}{(averages ? " -D AVERAGE" : "")}"), "pool",
                [
                    ClArgument.Input(0), ClArgument.Output(), .. Images(spec), channels, spec.Attributes.CountIncludePad ? 1 : 0,
                    spec.Windows[0].PadEnd, spec.Windows[1].PadEnd, spec.Windows[2].PadEnd, run, runs, block, blocks, units, share.Units,
                ],
                share.Global, share.Local),
        ]);
    }

    private static ClKernel BindPositions(PoolSpec spec, ClDevice device)
    {
        int units = checked((int)spec.Output.Shape.Elements);
        ClShare share = ClShare.Of(device, units, Work(spec));
        return new ClKernel(
        [
            new ClLaunch(
                new ClProgram(File, $"-D LANES={device.PortableLanes}"), "positions",
                [
                    ClArgument.Input(0), ClArgument.Output(), ClArgument.Output(1), .. Images(spec), checked((int)spec.Channels), spec.Attributes.ColumnMajor ? 1 : 0,
                    units, share.Units,
                ],
                share.Global, share.Local),
        ]);
    }

    private static IEnumerable<ClArgument> Images(PoolSpec spec) =>
        [.. ImageArguments.Strides(spec.Input), .. ImageArguments.Strides(spec.Output), .. ImageArguments.Windows(spec.Windows)];

    /// <summary>Elements that are read, with those that are read for several windows.</summary>
    private static double Work(PoolSpec spec) => (double)spec.Output.Shape.Elements * spec.Windows[0].Kernel * spec.Windows[1].Kernel * spec.Windows[2].Kernel;

    private static double Predict(ClDevice device, PoolSpec spec, double efficiency) =>
        device.Predict(2 * Work(spec), (spec.Input.Shape.Elements + spec.Output.Shape.Elements) * sizeof(float), efficiency);
}
