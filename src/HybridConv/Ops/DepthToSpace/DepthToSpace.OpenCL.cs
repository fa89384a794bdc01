using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.DepthToSpace;

internal sealed partial class DepthToSpaceOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("depthtospace.blocked");
}
