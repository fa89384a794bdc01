using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Lrn;

internal sealed partial class LrnOp : ITable<LrnSpec, ClDevice>
{
    private const string File = "lrn/lrn.cl";

    IReadOnlyList<Candidate<LrnSpec, ClDevice>> ITable<LrnSpec, ClDevice>.Rows => field ??=
    [
        new("lrn.channels.f32.portable",
            (spec, device) => spec.Inner == 1 ? Fit.Yes(Predict(spec, device)) : Fit.No($"the channels lie {spec.Inner} elements apart"),
            _ => null,
            (spec, device, _) => Bind(spec, device, "channels_last", spec.Outer, spec.Channels, [spec.Channels])),
        new("lrn.planes.f32.portable",
            (spec, device) => spec.Inner != 1 ? Fit.Yes(Predict(spec, device)) : Fit.No("the channels follow each other"),
            _ => null,
            (spec, device, _) => Bind(spec, device, "channels_first", spec.Outer * spec.Channels, spec.Inner, [spec.Channels, checked((int)spec.Inner)])),
    ];

    /// <param name="spec">What is computed.</param>
    /// <param name="device">Where it runs.</param>
    /// <param name="function">The kernel.</param>
    /// <param name="runs">Contiguous runs of elements.</param>
    /// <param name="length">Their length.</param>
    /// <param name="sizes">The kernel's first arguments.</param>
    private static ClKernel Bind(LrnSpec spec, ClDevice device, string function, long runs, long length, ClArgument[] sizes)
    {
        int vectors = checked((int)((length + device.PortableLanes - 1) / device.PortableLanes)), units = checked((int)(runs * vectors));
        ClShare share = ClShare.Of(device, units, Work(spec));
        LrnAttributes attributes = spec.Attributes;
        return new ClKernel(
        [
            new ClLaunch(
                new ClProgram(File, $"-D LANES={device.PortableLanes}"), function,
                [
                    ClArgument.Input(0), ClArgument.Output(), .. sizes, spec.Before, spec.After, attributes.Bias, attributes.Alpha / attributes.Size, attributes.Beta,
                    vectors, units, share.Units,
                ],
                share.Global, share.Local),
        ]);
    }

    private static double Work(LrnSpec spec) => (double)spec.Outer * spec.Channels * spec.Inner * (10 + spec.Before + spec.After);

    private static double Predict(LrnSpec spec, ClDevice device) =>
        device.Predict(2 * Work(spec), 2.0 * spec.Outer * spec.Channels * spec.Inner * sizeof(float), efficiency: 0.1);
}
