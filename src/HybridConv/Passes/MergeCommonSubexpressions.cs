using System.Runtime.InteropServices;
using HybridConv.Graphs;

namespace HybridConv.Passes;

/// <summary>Computes once what several nodes compute alike: the same operator with equal attributes on the same inputs.</summary>
internal sealed class MergeCommonSubexpressions : IPass
{
    public string Name => "merge-common-subexpressions";
    public bool PreservesBits => true;

    public void Run(GraphEditor graph, PassReport report)
    {
        var first = new Dictionary<Expression, Node>();
        var constants = new ConstantNumbers();
        foreach (Node node in graph.Nodes)
        {
            var expression = new Expression(node, [.. node.Inputs.Select(constants.Canonical)]);
            if (first.TryAdd(expression, node))
                continue;
            Node twin = first[expression];
            if (Conflict(graph, node, twin) is string why)
                report.Decline(node, why);
            else
            {
                graph.Remove(node);
                for (int i = 0; i < node.Outputs.Count; i++)
                    graph.Unify(node.Outputs[i], twin.Outputs[i]);
                report.Change($"{node} computes what {twin} does");
            }
        }
    }

    private static string? Conflict(GraphEditor graph, Node node, Node twin)
    {
        for (int i = 0; i < node.Outputs.Count; i++)
            if (!graph.CanUnify(node.Outputs[i], twin.Outputs[i]))
                return $"'{node.Outputs[i].Name}' and '{twin.Outputs[i].Name}' are equal, and both outputs of the graph";
        return null;
    }

    /// <summary>What a node computes. Inputs are compared by reference, after equal constants have been made one.</summary>
    private readonly struct Expression(Node node, object?[] inputs) : IEquatable<Expression>
    {
        private readonly Node node = node;
        private readonly object?[] inputs = inputs;

        public bool Equals(Expression other) =>
            node.Op == other.node.Op && node.Outputs.Count == other.node.Outputs.Count && inputs.AsSpan().SequenceEqual(other.inputs)
            && node.Op.AttributeComparer.Equals(node.Attributes, other.node.Attributes);

        public override bool Equals(object? obj) => obj is Expression other && Equals(other);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(node.Op);
            hash.Add(node.Op.AttributeComparer.GetHashCode(node.Attributes));
            foreach (object? input in inputs)
                hash.Add(input);
            return hash.ToHashCode();
        }
    }

    /// <summary>Gives equal constants one identity: those of equal origin, and small ones of equal data.</summary>
    private sealed class ConstantNumbers
    {
        private const int SmallBytes = 64;

        private readonly Dictionary<Value, object> known = [];

        public object? Canonical(Value? value)
        {
            if (value?.Constant is not Tensor tensor)
                return value;
            ref object? identity = ref CollectionsMarshal.GetValueRefOrAddDefault(known, value, out _);
            return identity ??= (tensor.Type, tensor.Shape, tensor.Bytes <= SmallBytes ? Convert.ToHexString(tensor.Data.Span) : "from " + tensor.Origin);
        }
    }
}
