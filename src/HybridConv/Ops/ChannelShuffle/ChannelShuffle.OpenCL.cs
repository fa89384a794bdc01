using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.ChannelShuffle;

internal sealed partial class ChannelShuffleOp : ITable<Movement, ClDevice>
{
    IReadOnlyList<Candidate<Movement, ClDevice>> ITable<Movement, ClDevice>.Rows => field ??= MoveClRows.Of("channelshuffle.interleave");
}
