using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Identity;

internal sealed partial class IdentityOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("identity.copy");
}
