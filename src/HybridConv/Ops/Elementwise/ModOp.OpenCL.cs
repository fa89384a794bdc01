using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

internal sealed partial class ModOp : ITable<ElementwiseSpec<BinaryAttributes>, ClDevice>
{
    IReadOnlyList<Candidate<ElementwiseSpec<BinaryAttributes>, ClDevice>> ITable<ElementwiseSpec<BinaryAttributes>, ClDevice>.Rows => field ??=
        ElementwiseClRows.Of<BinaryAttributes>("Mod", 100, [ElementType.Float32], _ => new ClFunction("mod"));
}
