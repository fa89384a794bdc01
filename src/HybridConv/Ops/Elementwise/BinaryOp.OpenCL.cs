using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

internal partial class BinaryOp<F> : ITable<ElementwiseSpec<BinaryAttributes>, ClDevice>
{
    IReadOnlyList<Candidate<ElementwiseSpec<BinaryAttributes>, ClDevice>> ITable<ElementwiseSpec<BinaryAttributes>, ClDevice>.Rows => field ??=
        ElementwiseClRows.Of<BinaryAttributes>(F.Name, F.Weight, [ElementType.Float32], _ => ClFunctions.Of(default(F)));
}
