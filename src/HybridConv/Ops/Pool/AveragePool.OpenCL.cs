using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Pool;

internal sealed partial class AveragePoolOp : ITable<PoolSpec, ClDevice>
{
    IReadOnlyList<Candidate<PoolSpec, ClDevice>> ITable<PoolSpec, ClDevice>.Rows => field ??= [PoolClRows.Windows("averagepool", averages: true)];
}
