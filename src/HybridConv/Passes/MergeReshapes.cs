using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Reshape;

namespace HybridConv.Passes;

/// <summary>Makes one change of shape of several in a row, so that none reads another: Squeeze of Reshape, Reshape of Flatten, ...</summary>
internal sealed class MergeReshapes : IPass
{
    public string Name => "merge-reshapes";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        foreach (Node node in graph.Nodes)
        {
            if (!Layouts.IsReshape(node) || node.Input(0).Producer is not Node before || !Layouts.IsReshape(before))
                continue;
            graph.Remove(node);
            graph.Add(new Node(node.Name, OpTable.Get<ReshapeOp>(), ReshapeAttributes.To(node.Output.KnownShape), [before.Input(0)], [node.Output]));
            report.Change($"{node} reads past {before}");
        }
    }
}
