using HybridConv.Graphs;

namespace HybridConv.Passes;

/// <summary>Removes nodes that no output of the graph depends on.</summary>
internal sealed class RemoveDeadCode : IPass
{
    public string Name => "remove-dead-code";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        var live = new HashSet<Node>();
        var open = new Stack<Node>();
        foreach (Value output in graph.GraphOutputs)
            Reach(output);
        while (open.TryPop(out Node? node))
            foreach (Value? input in node.Inputs)
                Reach(input);

        foreach (Node node in graph.Nodes)
            if (!live.Contains(node))
            {
                graph.Remove(node);
                report.Change($"{node} is read by nobody");
            }

        void Reach(Value? value)
        {
            if (value?.Producer is Node producer && live.Add(producer))
                open.Push(producer);
        }
    }
}
