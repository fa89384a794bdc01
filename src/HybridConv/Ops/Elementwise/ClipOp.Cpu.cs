using HybridConv.Cpu;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

internal sealed partial class ClipOp : ITable<ElementwiseSpec<ClipAttributes>, CpuInfo>
{
    /// <summary>With bounds as attributes. Bounds that are operands are left to the reference.</summary>
    public IReadOnlyList<Candidate<ElementwiseSpec<ClipAttributes>, CpuInfo>> Rows => field ??=
    [
        .. ElementwiseRows
            .Of<ClipAttributes, UnaryRow<Clamp>>("Clip", 2, spec => new UnaryRow<Clamp>(new Clamp(spec.Attributes.Min, spec.Attributes.Max)))
            .Select(row => row with { Fits = (spec, machine) => spec.Loops.Strides.Count > 2 ? Fit.No("the bounds are not constant") : row.Fits(spec, machine) }),
    ];
}
