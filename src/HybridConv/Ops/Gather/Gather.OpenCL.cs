using System.Runtime.InteropServices;
using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Gather;

internal sealed partial class GatherOp : ITable<GatherSpec, ClDevice>
{
    /// <summary>Elements of a slice that a processor copies at a time.</summary>
    private const int Block = 4096;

    /// <summary>Only for indices that are constants. Others may lie outside the axis, which a kernel has no way to report: such a node runs on the host.</summary>
    IReadOnlyList<Candidate<GatherSpec, ClDevice>> ITable<GatherSpec, ClDevice>.Rows => field ??=
    [
        new("gather.copy.any.portable",
            (spec, device) => Fit.Yes(device.Predict(0, 2.0 * spec.Outer * spec.Count * spec.Inner * spec.Type.Size())),
            spec => new PlacesFormat(spec.AxisSize),
            Bind),
    ];

    private static ClKernel Bind(GatherSpec spec, ClDevice device, PackedWeights? packed)
    {
        (int inner, int count) = (checked((int)spec.Inner), checked((int)spec.Count));
        int block = device.Profile == ClProfile.Cpu ? Block : device.PortableLanes, blocks = (inner + block - 1) / block, units = checked((int)(spec.Outer * count * blocks));
        ClShare share = ClShare.Of(device, units, 2.0 * spec.Outer * count * inner);
        return new ClKernel(
        [
            new ClLaunch(
                new ClProgram("gather/gather.cl", $"-D LANES={device.PortableLanes} -D T={MoveLaunch.Word(spec.Type)}"), "gather",
                [ClArgument.Input(0), ClArgument.Packed(), ClArgument.Output(), spec.AxisSize, inner, count, block, blocks, units, share.Units],
                share.Global, share.Local),
        ]);
    }

    /// <summary>The indices as places on an axis, in 32 bits.</summary>
    private sealed record PlacesFormat(int AxisSize) : PackFormat
    {
        private const int Indices = 1;

        public override IReadOnlyList<int> Operands { get; } = [Indices];

        public override long Bytes(IReadOnlyList<Tensor?> operands) => operands[0]!.Shape.Elements * sizeof(int);

        public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
        {
            Span<int> places = MemoryMarshal.Cast<byte, int>(destination);
            foreach ((int i, long index) in operands[0]!.ToInt64().Index())
                places[i] = (int)(index < 0 ? index + AxisSize : index);
        }

        public bool Equals(PlacesFormat? other) => other is not null && other.AxisSize == AxisSize;

        public override int GetHashCode() => AxisSize;
    }
}
