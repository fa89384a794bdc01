using HybridConv.Cl;
using HybridConv.Ops.Reduce;
using HybridConv.Planning;

namespace HybridConv.Ops.Softmax;

internal sealed partial class SoftmaxOp<F> : ITable<SoftmaxSpec, ClDevice>
{
    private const string File = "softmax/softmax.cl";

    private const int GroupRuns = SumTree<float>.Lanes, GroupItems = GroupRuns * SumTree<float>.Lanes;

    /// <summary>Vector instructions for each element, most of them of the exponential.</summary>
    private const double Weight = 60;

    /// <summary>What one more element costs a work-item that has nothing else to do meanwhile.</summary>
    private const double LatencyNanoseconds = 60;

    IReadOnlyList<Candidate<SoftmaxSpec, ClDevice>> ITable<SoftmaxSpec, ClDevice>.Rows => field ??=
    [
        new($"{F.Name.ToLowerInvariant()}.shared.f32.local", FitsShared, _ => null, (spec, device, _) => BindShared(spec, device)),
        new($"{F.Name.ToLowerInvariant()}.rows.f32.portable", FitsRows, _ => null, (spec, device, _) => BindRows(spec, device)),
        new($"{F.Name.ToLowerInvariant()}.columns.f32.portable", FitsColumns, _ => null, (spec, device, _) => BindColumns(spec, device)),
    ];

    private static Fit FitsShared(SoftmaxSpec spec, ClDevice device) =>
        device.Profile != ClProfile.Local ? Fit.No($"the profile is {device.Profile}, and this row is for local memory")
        : device.MaxWorkGroup < GroupItems ? Fit.No($"work-groups have at most {device.MaxWorkGroup} work-items, not {GroupItems}")
        : Fit.Yes(Predict(spec, device) + spec.Length / SumTree<float>.Lanes * LatencyNanoseconds);

    private static Fit FitsRows(SoftmaxSpec spec, ClDevice device) =>
        spec.Inner != 1 ? Fit.No($"the elements of a run lie {spec.Inner} apart") : Fit.Yes(Predict(spec, device) + Alone(spec, device) / SumTree<float>.Lanes);

    private static Fit FitsColumns(SoftmaxSpec spec, ClDevice device) =>
        Fit.Yes(Predict(spec, device) * (spec.Inner == 1 ? device.PortableLanes : 1) + Alone(spec, device));

    private static double Alone(SoftmaxSpec spec, ClDevice device) => device.Profile == ClProfile.Cpu ? 0 : spec.Length * LatencyNanoseconds;

    private static double Predict(SoftmaxSpec spec, ClDevice device)
    {
        double elements = (double)spec.Outer * spec.Length * spec.Inner;
        return device.Predict(Weight * elements, 2 * elements * sizeof(float), efficiency: 0.25);
    }

    private static ClKernel BindShared(SoftmaxSpec spec, ClDevice device)
    {
        int units = checked((int)(spec.Length == 0 ? 0 : spec.Outer * spec.Inner));
        var group = new ClRange(GroupItems);
        return new ClKernel([new ClLaunch(Program(device), "shared",
            [ClArgument.Input(0), ClArgument.Output(), checked((int)spec.Length), checked((int)spec.Inner), units], new ClRange((long)units * SumTree<float>.Lanes).RoundUp(group), group)]);
    }

    private static ClKernel BindRows(SoftmaxSpec spec, ClDevice device)
    {
        int units = checked((int)(spec.Length == 0 ? 0 : spec.Outer));
        ClShare share = ClShare.Of(device, units, Weight * units * spec.Length);
        return new ClKernel([new ClLaunch(Program(device), "rows", [ClArgument.Input(0), ClArgument.Output(), checked((int)spec.Length), units, share.Units], share.Global, share.Local)]);
    }

    private static ClKernel BindColumns(SoftmaxSpec spec, ClDevice device)
    {
        int segments = checked((int)((spec.Inner + device.PortableLanes - 1) / device.PortableLanes)), units = checked((int)(spec.Length == 0 ? 0 : spec.Outer * segments));
        ClShare share = ClShare.Of(device, units, Weight * spec.Outer * spec.Length * spec.Inner);
        return new ClKernel([new ClLaunch(Program(device), "columns",
            [ClArgument.Input(0), ClArgument.Output(), checked((int)spec.Length), checked((int)spec.Inner), segments, units, share.Units], share.Global, share.Local)]);
    }

    private static ClProgram Program(ClDevice device) => new(File, $"-D LANES={device.PortableLanes}{(F.IsLogarithm ? " -D LOGARITHM" : "")}");
}
