using HybridConv.Cpu;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

internal partial class UnaryOp<F> : ITable<ElementwiseSpec<UnaryAttributes<F>>, CpuInfo>
{
    public IReadOnlyList<Candidate<ElementwiseSpec<UnaryAttributes<F>>, CpuInfo>> Rows => field ??=
        ElementwiseRows.Of<UnaryAttributes<F>, UnaryRow<F>>(F.Name, F.Weight, spec => new UnaryRow<F>(spec.Attributes.Function));
}
