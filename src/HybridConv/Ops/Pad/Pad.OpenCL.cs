using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Pad;

internal sealed partial class PadOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("pad.copy");
}
