using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Pool;

internal sealed partial class MaxPoolOp : ITable<PoolSpec, ClDevice>
{
    IReadOnlyList<Candidate<PoolSpec, ClDevice>> ITable<PoolSpec, ClDevice>.Rows => field ??= [PoolClRows.Windows("maxpool", averages: false), PoolClRows.Positions("maxpool")];
}
