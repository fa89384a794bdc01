using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

/// <summary>Only for choices of float32: others stay on the host.</summary>
internal sealed partial class WhereOp : ITable<ElementwiseSpec<WhereAttributes>, ClDevice>
{
    IReadOnlyList<Candidate<ElementwiseSpec<WhereAttributes>, ClDevice>> ITable<ElementwiseSpec<WhereAttributes>, ClDevice>.Rows => field ??=
        ElementwiseClRows.Of<WhereAttributes>("Where", 3, [ElementType.Float32, ElementType.Bool, ElementType.Float32], _ => new ClFunction("where", Defines: "-D X0=uchar"));
}
