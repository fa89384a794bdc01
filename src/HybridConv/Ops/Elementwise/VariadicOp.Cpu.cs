using HybridConv.Cpu;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

internal partial class VariadicOp<F> : ITable<ElementwiseSpec<VariadicAttributes>, CpuInfo>
{
    public IReadOnlyList<Candidate<ElementwiseSpec<VariadicAttributes>, CpuInfo>> Rows => field ??=
        ElementwiseRows.Of<VariadicAttributes, FoldRow<F>>(F.Name, F.Weight, spec => new FoldRow<F>(spec.Loops.Strides.Count - 1));
}
