using System.Text;
using HybridConv.Graphs;

namespace HybridConv.Planning;

/// <summary>The plans of a session, by input shapes and, where shapes depend on data, by that data. Keeps the most recently used. Thread-safe.</summary>
internal sealed class PlanCache(int capacity)
{
    private readonly object gate = new();
    private readonly LinkedList<(string Key, Plan Plan)> recent = new();
    private readonly Dictionary<string, LinkedListNode<(string Key, Plan Plan)>> byKey = [];

    public Plan Get(IEnumerable<Shape> shapes, IEnumerable<Tensor> known, Func<Plan> compile)
    {
        string key = Key(shapes, known);
        lock (gate)
        {
            if (byKey.TryGetValue(key, out LinkedListNode<(string Key, Plan Plan)>? hit))
            {
                recent.Remove(hit);
                recent.AddFirst(hit);
                return hit.Value.Plan;
            }
            Plan plan = compile();
            byKey[key] = recent.AddFirst((key, plan));
            if (recent.Count > Math.Max(1, capacity))
            {
                byKey.Remove(recent.Last!.Value.Key);
                recent.RemoveLast();
            }
            return plan;
        }
    }

    private static string Key(IEnumerable<Shape> shapes, IEnumerable<Tensor> known)
    {
        var key = new StringBuilder();
        foreach (Shape shape in shapes)
            key.Append(shape).Append(';');
        foreach (Tensor tensor in known)
            key.Append(tensor.Shape).Append(Convert.ToBase64String(tensor.Data.Span)).Append(';');
        return key.ToString();
    }
}
