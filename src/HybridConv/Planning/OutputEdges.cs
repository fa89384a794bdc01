using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Planning;

/// <summary>Gives every graph output a value of its own, produced by a node: an output that is a constant, an input, or listed twice is copied.</summary>
internal static class OutputEdges
{
    public static void MakeOwn(Graph graph)
    {
        Op identity = OpTable.Find("Identity")!;
        object attributes = identity.Read(new NodeReader(new NodeRecord("", identity.Name, "", [], [], []), identity.Opsets[^1]));
        var seen = new HashSet<Value>();
        for (int i = 0; i < graph.Outputs.Count; i++)
        {
            Value output = graph.Outputs[i];
            if (output.Producer is not null && !output.IsConstant && seen.Add(output))
                continue;
            var copy = new Value($"{output.Name}/output{i}") { Type = output.Type, Shape = output.Shape };
            graph.Nodes.Add(new Node(copy.Name, identity, attributes, [output], [copy]));
            graph.Outputs[i] = copy;
            seen.Add(copy);
        }
    }
}
