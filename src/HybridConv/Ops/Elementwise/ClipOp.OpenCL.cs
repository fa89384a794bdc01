using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

internal sealed partial class ClipOp : ITable<ElementwiseSpec<ClipAttributes>, ClDevice>
{
    IReadOnlyList<Candidate<ElementwiseSpec<ClipAttributes>, ClDevice>> ITable<ElementwiseSpec<ClipAttributes>, ClDevice>.Rows => field ??=
        ElementwiseClRows.Of<ClipAttributes>("Clip", 2, [ElementType.Float32], Function);

    /// <summary>Bounds are attributes, or operands of which the absent one does not bound.</summary>
    private static ClFunction? Function(ElementwiseSpec<ClipAttributes> spec)
    {
        bool Has(int input) => input + 1 < spec.Types.Count && spec.Types[input + 1] != ElementType.None;
        return (Has(1), Has(2)) switch
        {
            (true, true) => new ClFunction("clip_between"),
            (true, false) => new ClFunction("clip_from"),
            (false, true) => new ClFunction("clip_to"),
            _ => ClFunctions.Of(new Clamp(spec.Attributes.Min, spec.Attributes.Max)),
        };
    }
}
