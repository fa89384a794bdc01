using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

internal partial class VariadicOp<F> : ITable<ElementwiseSpec<VariadicAttributes>, ClDevice>
{
    IReadOnlyList<Candidate<ElementwiseSpec<VariadicAttributes>, ClDevice>> ITable<ElementwiseSpec<VariadicAttributes>, ClDevice>.Rows => field ??=
        ElementwiseClRows.Fold<VariadicAttributes>(F.Name, F.Weight, ClFunctions.Of(default(F)));
}
