using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

internal partial class UnaryOp<F> : ITable<ElementwiseSpec<UnaryAttributes<F>>, ClDevice>
{
    IReadOnlyList<Candidate<ElementwiseSpec<UnaryAttributes<F>>, ClDevice>> ITable<ElementwiseSpec<UnaryAttributes<F>>, ClDevice>.Rows => field ??=
        ElementwiseClRows.Of<UnaryAttributes<F>>(F.Name, F.Weight, [ElementType.Float32], spec => ClFunctions.Of(spec.Attributes.Function));
}
