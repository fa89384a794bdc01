using HybridConv.Ops;

namespace HybridConv.Graphs;

/// <summary>
/// Puts the nodes of a model in an order in which every value is produced before it is read (Kahn's algorithm), and checks that
/// names join them into a graph without cycles. Nodes that already stand in such an order keep it. Nothing recurses.
/// </summary>
internal static class NodeOrder
{
    private const int LongestCycleNamed = 8;

    /// <param name="nodes">Nodes in any order.</param>
    /// <param name="given">Whether a value is an input or a constant of the model.</param>
    /// <exception cref="ModelFormatException">A value is defined twice or not at all, or the nodes form a cycle.</exception>
    public static IReadOnlyList<NodeRecord> Of(IReadOnlyList<NodeRecord> nodes, Func<string, bool> given)
    {
        Dictionary<string, int> producers = Producers(nodes, given);
        if (IsOrdered(nodes, given, producers))
            return nodes;

        var waiting = new int[nodes.Count];
        var readers = new List<int>?[nodes.Count];
        var ready = new PriorityQueue<int, int>();
        for (int i = 0; i < nodes.Count; i++)
        {
            foreach (string input in nodes[i].Inputs)
                if (producers.TryGetValue(input, out int producer))
                {
                    (readers[producer] ??= []).Add(i);
                    waiting[i]++;
                }
            if (waiting[i] == 0)
                ready.Enqueue(i, i);
        }

        var order = new List<NodeRecord>(nodes.Count);
        while (ready.TryDequeue(out int node, out _))
        {
            order.Add(nodes[node]);
            foreach (int reader in readers[node] ?? [])
                if (--waiting[reader] == 0)
                    ready.Enqueue(reader, reader);
        }
        return order.Count == nodes.Count ? order : throw Cycle(nodes, producers, waiting);
    }

    private static Dictionary<string, int> Producers(IReadOnlyList<NodeRecord> nodes, Func<string, bool> given)
    {
        var producers = new Dictionary<string, int>(nodes.Count);
        for (int i = 0; i < nodes.Count; i++)
            foreach (string output in nodes[i].Outputs)
                if (output.Length > 0 && (given(output) || !producers.TryAdd(output, i)))
                    throw Invalid($"the value '{output}' is defined twice", nodes[i]);
        return producers;
    }

    private static bool IsOrdered(IReadOnlyList<NodeRecord> nodes, Func<string, bool> given, Dictionary<string, int> producers)
    {
        bool ordered = true;
        for (int i = 0; i < nodes.Count; i++)
            foreach (string input in nodes[i].Inputs)
            {
                if (producers.TryGetValue(input, out int producer))
                    ordered &= producer < i;
                else if (input.Length > 0 && !given(input))
                    throw Invalid($"the value '{input}' is read but never defined", nodes[i]);
            }
        return ordered;
    }

    /// <summary>Every node that is left waits for another that is left: going from each to the first that it waits for ends in a circle.</summary>
    private static ModelFormatException Cycle(IReadOnlyList<NodeRecord> nodes, Dictionary<string, int> producers, int[] waiting)
    {
        int node = Array.FindIndex(waiting, count => count > 0);
        var path = new List<int>();
        var position = new Dictionary<int, int>();
        while (position.TryAdd(node, path.Count))
        {
            path.Add(node);
            node = nodes[node].Inputs.Select(input => producers.GetValueOrDefault(input, -1)).First(producer => producer >= 0 && waiting[producer] > 0);
        }
        List<string> names = [.. path.Skip(position[node] + 1).Reverse().Prepend(node).Select(i => $"'{nodes[i].Name}'")];
        string rest = names.Count > LongestCycleNamed ? $" -> ... ({names.Count} nodes in all)" : "";
        return Invalid($"the nodes form a cycle: {string.Join(" -> ", names.Take(LongestCycleNamed))}{rest} -> {names[0]}", nodes[node]);
    }

    private static ModelFormatException Invalid(string message, NodeRecord node) => new(message, $"node '{node.Name}'", ErrorCode.InvalidGraph);
}
