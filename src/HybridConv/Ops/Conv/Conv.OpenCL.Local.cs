using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>Discrete GPUs: tiles in local memory.</summary>
internal sealed partial class ConvOp
{
    private static IReadOnlyList<Candidate<ConvSpec, ClDevice>> LocalRows => [];
}
