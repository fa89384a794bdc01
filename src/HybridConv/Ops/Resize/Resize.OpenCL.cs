using System.Runtime.InteropServices;
using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Resize;

internal partial class ResizeOp : ITable<ResizeSpec, ClDevice>
{
    private const string File = "resize/resize.cl";

    /// <summary>The axes of the kernel.</summary>
    internal const int KernelAxes = 6;

    private static readonly IReadOnlyList<Candidate<ResizeSpec, ClDevice>> DeviceRows =
    [
        new("resize.vector.f32.portable", (spec, device) => spec.Axes is [.., { IsIdentity: false }] ? Fit.No("the last axis is resized") : FitsDevice(spec, device, device.PortableLanes),
            ResizeTables.Of, (spec, device, _) => Bind(spec, device, device.PortableLanes)),
        new("resize.elements.f32.portable", (spec, device) => FitsDevice(spec, device, 1), ResizeTables.Of, (spec, device, _) => Bind(spec, device, 1)),
    ];

    IReadOnlyList<Candidate<ResizeSpec, ClDevice>> ITable<ResizeSpec, ClDevice>.Rows => DeviceRows;

    private static Fit FitsDevice(ResizeSpec spec, ClDevice device, int lanes) =>
        spec.Type != ElementType.Float32 ? Fit.No($"the elements are {spec.Type.Label()}, not float32")
        : spec.Axes.Length > KernelAxes ? Fit.No($"the rank is {spec.Axes.Length}; the kernel has {KernelAxes} axes")
        : Fit.Yes(device.Predict(40 * Work(spec) / lanes, 2 * spec.Output.Shape.Elements * sizeof(float), efficiency: 0.1));

    private static ClKernel Bind(ResizeSpec spec, ClDevice device, int lanes)
    {
        int rank = spec.Axes.Length, inner = rank == 0 ? 1 : spec.Output.Shape.Dim(-1), segments = (inner + lanes - 1) / lanes;
        int units = checked((int)(spec.Output.Shape.Elements / Math.Max(1, inner) * segments));
        ClShare share = ClShare.Of(device, units, Work(spec) * 8);
        var axes = new List<ClArgument>();
        for (int axis = rank - KernelAxes, start = 0; axis < rank; axis++)
        {
            AxisTaps? taps = axis < 0 ? null : spec.Axes[axis];
            (int outputs, int count) = (taps?.Outputs ?? 1, taps?.Indices.Length ?? 1);
            axes.AddRange([outputs, axis < 0 ? 0 : checked((int)spec.Output.Strides[axis]), start, count]);
            start += ResizeTables.Length(outputs, count);
        }
        var program = new ClProgram(File, $"-D LANES={device.PortableLanes}{(lanes == 1 ? " -D ALL_AXES" : "")}");
        return new ClKernel(
        [
            new ClLaunch(program, "resize",
                [ClArgument.Input(0), ClArgument.Output(), ClArgument.Packed(), .. axes, rank == 0 ? 0 : checked((int)spec.Input.Strides[^1]), spec.Extrapolation, segments, units, share.Units],
                share.Global, share.Local),
        ]);
    }

    /// <summary>Products of taps and elements.</summary>
    private static double Work(ResizeSpec spec)
    {
        double work = 1;
        foreach (AxisTaps axis in spec.Axes)
            work *= Math.Max(1, axis.Indices.Length);
        return work;
    }
}

/// <summary>The taps of all axes as <c>resize.cl</c> reads them: see AXIS there.</summary>
internal sealed record ResizeTables(ReadOnlyMemory<int> Table) : PackFormat
{
    public override IReadOnlyList<int> Operands => [];

    public override long Bytes(IReadOnlyList<Tensor?> operands) => (long)Table.Length * sizeof(int);

    public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination) => MemoryMarshal.AsBytes(Table.Span).CopyTo(destination);

    public bool Equals(ResizeTables? other) => other is not null && Table.Span.SequenceEqual(other.Table.Span);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(MemoryMarshal.AsBytes(Table.Span));
        return hash.ToHashCode();
    }

    /// <summary>Numbers in the table of one axis.</summary>
    public static int Length(int outputs, int taps) => outputs + 1 + 2 * taps;

    public static ResizeTables Of(ResizeSpec spec)
    {
        var table = new List<int>();
        // Axes that the tensor does not have come first: one element, one tap of weight 1.
        for (int missing = spec.Axes.Length; missing < ResizeOp.KernelAxes; missing++)
            table.AddRange([0, 1, 0, BitConverter.SingleToInt32Bits(1)]);
        for (int axis = 0; axis < spec.Axes.Length; axis++)
        {
            AxisTaps taps = spec.Axes[axis];
            table.AddRange(taps.Starts);
            table.AddRange(taps.Indices.Select(index => checked((int)(index * spec.Input.Strides[axis]))));
            table.AddRange(taps.Weights.Select(weight => BitConverter.SingleToInt32Bits((float)weight)));
        }
        return new ResizeTables(table.ToArray());
    }
}
