using HybridConv.Cl;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>The table for OpenCL devices; README.md beside this file says which row is for what.</summary>
internal sealed partial class ConvOp : ITable<ConvSpec, ClDevice>
{
    IReadOnlyList<Candidate<ConvSpec, ClDevice>> ITable<ConvSpec, ClDevice>.Rows { get; } =
    [
        .. LocalRows,
        .. RegisterRows,
    ];
}
