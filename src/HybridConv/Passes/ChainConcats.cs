using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Passes;

/// <summary>
/// A concatenation that begins with all parts of an earlier one, along the same axis, begins with that one's result instead: Concat(a, b, c) after Concat(a, b)
/// is Concat(Concat(a, b), c). Each part then has one place, and the planner needs no copies (densely connected blocks).
/// </summary>
internal sealed class ChainConcats : IPass
{
    public string Name => "chain-concats";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        // A tree of beginnings: (beginning, next part) leads to the longer beginning; along each axis there is one empty beginning.
        var longer = new Dictionary<(int Beginning, Value Part), int>();
        var results = new Dictionary<int, Node>();
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is not IConcatenates concat || node.Inputs.Count < 2)
                continue;
            int beginning = -1 - concat.Axis(node), covered = 0;
            Node? before = null;
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                beginning = longer.TryGetValue((beginning, node.Input(i)), out int known) ? known : longer[(beginning, node.Input(i))] = longer.Count + 1;
                if (i < node.Inputs.Count - 1 && results.TryGetValue(beginning, out Node? result))
                    (before, covered) = (result, i + 1);
            }
            results.TryAdd(beginning, node);
            if (before is null)
                continue;
            graph.Remove(node);
            Node chained = graph.Add(new Node(node.Name, node.Op, node.Attributes, [before.Output, .. node.Inputs.Skip(covered)], [node.Output]));
            if (results[beginning] == node)
                results[beginning] = chained;
            report.Change($"{node} goes on where {before} ends");
        }
    }
}
