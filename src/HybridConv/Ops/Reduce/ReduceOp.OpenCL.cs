using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Reduce;

internal sealed partial class ReduceOp<R> : ITable<ReduceSpec, ClDevice>
{
    IReadOnlyList<Candidate<ReduceSpec, ClDevice>> ITable<ReduceSpec, ClDevice>.Rows => field ??= ReduceClRows.Of<ReduceSpec>(
        R.Name.ToLowerInvariant(),
        spec => spec.Type == ElementType.Float32 ? null : $"the elements are {spec.Type.Label()}, not float32",
        spec => new ReduceProblem(
            spec.Results.Shape, spec.Results.Strides[0], spec.Results.Strides[1], spec.Elements, spec.Count, R.Divides ? spec.Count : 1, !R.Adds));
}
