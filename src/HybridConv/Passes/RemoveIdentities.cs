using HybridConv.Graphs;

namespace HybridConv.Passes;

/// <summary>
/// Removes nodes whose output is their input: Identity, Dropout, a Reshape, Transpose, Slice, Pad, Cast, Expand or Resize that changes nothing, a Concat of
/// one tensor. The operators say so themselves: the output has the same elements in the same order (<see cref="Ops.Op.IsAlias"/>), type and shape.
/// </summary>
internal sealed class RemoveIdentities : IPass
{
    public string Name => "remove-identities";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node node in graph.Nodes)
        {
            if (node.OptionalInput(0) is not Value input || input.Type != node.Output.Type || input.KnownShape != node.Output.KnownShape || !node.Op.IsAlias(node))
                continue;
            if (node.Outputs.Skip(1).FirstOrDefault(graph.IsUsed) is Value second)
                report.Decline(node, $"its output '{second.Name}' is read");
            else if (!graph.CanUnify(node.Output, input))
                report.Decline(node, $"'{node.Output.Name}' and '{input.Name}' must both remain");
            else
            {
                graph.Remove(node);
                graph.Unify(node.Output, input);
                report.Change($"{node} changes nothing");
            }
        }
    }
}
