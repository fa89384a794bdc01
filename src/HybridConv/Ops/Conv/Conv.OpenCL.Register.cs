using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>GPUs without fast local memory: tiles in registers.</summary>
internal sealed partial class ConvOp
{
    private static IReadOnlyList<Candidate<ConvSpec, ClDevice>> RegisterRows => [];
}
