using System.Runtime.InteropServices;
using System.Security.Cryptography;
using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Planning;

/// <summary>
/// Turns a network as read into one for concrete input shapes: every value gets its type and shape, parameter inputs are absorbed into attributes,
/// and whatever does not depend on the data of an input is computed once and for all. Iterative, one visit per node.
/// </summary>
internal sealed class Specialisation(IReadOnlyDictionary<string, Shape> inputShapes, IReadOnlyDictionary<string, Tensor> knownInputs, long maxTensorBytes)
{
    /// <summary>Constants that a node may be folded into, in total, before nodes are left to run instead.</summary>
    private const long FoldingBudget = 64L << 20;

    private readonly List<(Node Node, string Reason)> unsupported = [];
    private readonly HashSet<Value> unknown = [];
    private long folded;

    /// <exception cref="OpenValueException">A shape depends on an input whose data is not among the known ones.</exception>
    /// <exception cref="ShapeException">Operands do not fit each other.</exception>
    /// <exception cref="UnsupportedModelException">Every node whose types or values are not supported.</exception>
    /// <exception cref="ResourceLimitException">A tensor would be larger than allowed.</exception>
    public Graph Apply(Graph asRead)
    {
        Graph graph = asRead.Clone();
        foreach (Value input in graph.Inputs)
        {
            input.Shape = inputShapes[input.Name];
            Check(input);
            if (knownInputs.TryGetValue(input.Name, out Tensor? known))
                input.Constant = known;
        }
        var kept = new List<Node>(graph.Nodes.Count);
        foreach (Node node in graph.Nodes)
            if (TryInfer(node) && !TryFold(node))
                kept.Add(node);
        if (unsupported.Count > 0)
            throw new UnsupportedModelException([.. unsupported.Select(u => new UnsupportedNode(u.Node.Name, u.Node.Op.Name, "", graph.Opset, u.Reason))]);
        graph.Nodes.Clear();
        graph.Nodes.AddRange(kept);
        return graph;
    }

    /// <summary>
    /// Infers one node and checks the size of what it produces, before anybody allocates it. A node that is not supported is noted, and what depends on it
    /// is passed over, so that all of them are reported at once.
    /// </summary>
    private bool TryInfer(Node node)
    {
        if (node.Inputs.Exists(i => i is not null && unknown.Contains(i)))
        {
            unknown.UnionWith(node.Outputs);
            return false;
        }
        try
        {
            node.Op.Infer(new Inference(node));
        }
        catch (UnsupportedOperatorException e)
        {
            unsupported.Add((node, e.Message));
            unknown.UnionWith(node.Outputs);
            return false;
        }
        foreach (Value output in node.Outputs)
            Check(output);
        return true;
    }

    private void Check(Value value)
    {
        Shape shape = value.KnownShape;
        int size = value.Type.Size();
        if (size == 0)
            throw new UnsupportedModelException($"the value '{value.Name}' holds {value.Type.Label()}, which cannot be computed with");
        if (shape.Elements > maxTensorBytes / size)
            throw new ResourceLimitException(
                $"the value '{value.Name}' of shape {shape} needs {shape.Elements * size} bytes; the limit for one tensor is {maxTensorBytes} (MaxTensorBytes)");
    }

    private bool TryFold(Node node)
    {
        foreach (Value? input in node.Inputs)
            if (input is { IsConstant: false })
                return false;
        long bytes = 0;
        foreach (Value output in node.Outputs)
            bytes += output.KnownShape.Elements * output.Type.Size();
        if (bytes > FoldingBudget - folded)
            return false;
        folded += bytes;
        Fold(node);
        return true;
    }

    private static void Fold(Node node)
    {
        var inputs = new Operand[node.Inputs.Count];
        for (int i = 0; i < inputs.Length; i++)
            if (node.Inputs[i] is { Constant: { } constant })
                inputs[i] = new Operand(constant.Type, TensorView.Dense(constant.Shape), MemoryMarshal.AsMemory(constant.Data), 0);
        var outputs = new Operand[node.Outputs.Count];
        for (int i = 0; i < outputs.Length; i++)
        {
            Value output = node.Outputs[i];
            Shape shape = output.KnownShape;
            outputs[i] = new Operand(output.Type, TensorView.Dense(shape), new byte[shape.Elements * output.Type.Size()], 0);
        }
        node.Op.Reference<float>(node, new Operands(inputs, outputs));
        for (int i = 0; i < outputs.Length; i++)
        {
            Value output = node.Outputs[i];
            output.Producer = null;
            output.Constant = Tensor.From(output.Type, output.KnownShape, ContentOrigin(outputs[i]), outputs[i].Buffer);
        }
    }

    /// <summary>Folded data may depend on input shapes, so that its origin is what it contains.</summary>
    private static string ContentOrigin(in Operand operand) =>
        $"folded:{Convert.ToHexStringLower(SHA256.HashData(operand.Buffer.Span).AsSpan(0, 16))}:{operand.View.Shape}";
}
