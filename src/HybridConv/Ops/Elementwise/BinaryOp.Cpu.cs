using HybridConv.Cpu;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

internal partial class BinaryOp<F> : ITable<ElementwiseSpec<BinaryAttributes>, CpuInfo>
{
    public IReadOnlyList<Candidate<ElementwiseSpec<BinaryAttributes>, CpuInfo>> Rows => field ??=
        ElementwiseRows.Of<BinaryAttributes, BinaryRow<F>>(F.Name, F.Weight, _ => default);
}
