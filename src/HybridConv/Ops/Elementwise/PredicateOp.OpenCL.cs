using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

/// <summary>Only of floats: integers and booleans stay on the host.</summary>
internal sealed partial class PredicateOp<F> : ITable<ElementwiseSpec<BinaryAttributes>, ClDevice>
{
    IReadOnlyList<Candidate<ElementwiseSpec<BinaryAttributes>, ClDevice>> ITable<ElementwiseSpec<BinaryAttributes>, ClDevice>.Rows => field ??=
        ElementwiseClRows.Of<BinaryAttributes>(F.Name, 2, [ElementType.Bool, ElementType.Float32], _ => ClFunctions.Of(default(F)));
}
