using HybridConv.Cpu;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

internal sealed partial class ConvOp : ITable<ConvSpec, CpuInfo>
{
    public IReadOnlyList<Candidate<ConvSpec, CpuInfo>> Rows { get; } =
    [
        .. ConvDepthwise.Rows,
    ];
}
