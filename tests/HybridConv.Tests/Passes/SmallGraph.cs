using System.Numerics;
using System.Runtime.InteropServices;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

/// <summary>A graph written down in a test, with shapes inferred node by node; and its meaning, computed by the operators' references.</summary>
internal sealed class SmallGraph
{
    private int constants;

    public Graph Graph { get; } = new("test");

    public Value Input(string name, params long[] dims)
    {
        var value = new Value(name) { Type = ElementType.Float32, Shape = new Shape(dims) };
        Graph.Inputs.Add(value);
        return value;
    }

    /// <summary>A float constant of small eighths: sums and products of a few of them are exact.</summary>
    public Value Constant(params long[] dims)
    {
        var shape = new Shape(dims);
        var random = new Random(++constants);
        return Constant(shape, Enumerable.Range(0, (int)shape.Elements).Select(_ => random.Next(-8, 9) / 8f).ToArray());
    }

    public Value Constant(Shape shape, params float[] elements)
    {
        string name = $"constant{++constants}";
        return Value.Of(Tensor.From(elements, shape, name), name);
    }

    public Value Scalar(float value) => Constant(Shape.Scalar, value);

    /// <summary>A convolution with a k x k filter that keeps the image's size.</summary>
    public Value Conv(Value image, long filters, long k, bool bias = true) => Add(
        "Conv", new ConvAttributes(null, null, null, null, 1, AutoPad.SameUpper), image, Constant(filters, image.KnownShape[1], k, k), bias ? Constant(filters) : null);

    public Value Add(string op, object attributes, params Value?[] inputs) => AddNode(op, attributes, 1, inputs).Output;

    public Node AddNode(string op, object attributes, int outputs, params Value?[] inputs)
    {
        string name = $"{op}{Graph.Nodes.Count}";
        var node = new Node(name, OpTable.Find(op)!, attributes, inputs, [.. Enumerable.Range(0, outputs).Select(i => new Value(i == 0 ? name.ToLowerInvariant() : $"{name}:{i}"))]);
        node.Op.Infer(new Inference(node));
        Graph.Nodes.Add(node);
        return node;
    }

    public SmallGraph Output(params Value[] values)
    {
        Graph.Outputs.AddRange(values);
        return this;
    }

    /// <summary>The operators' names in order.</summary>
    public string Ops => string.Join(' ', Graph.Nodes.Select(node => node.Op.Name));

    /// <summary>
    /// Runs a pass; afterwards the graph is well formed and computes the same: in double within rounding, in float to the bit if the pass promises that.
    /// </summary>
    public PassReport Run(IPass pass)
    {
        Graph before = Graph.Clone();
        string[] inputs = [.. Graph.Inputs.Select(value => value.Name)], outputs = [.. Graph.Outputs.Select(value => value.Name)];
        PassReport report = PassPipeline.Run(Graph, [pass]).Single();
        Assert.Equal(inputs, Graph.Inputs.Select(value => value.Name));
        Assert.Equal(outputs, Graph.Outputs.Select(value => value.Name));
        CheckWellFormed(Graph);
        CheckSame(before, Graph, pass.PreservesBits);
        return report;
    }

    public static void CheckWellFormed(Graph graph)
    {
        var known = new HashSet<Value>(graph.Inputs);
        var names = new HashSet<string>(graph.Inputs.Select(value => value.Name));
        foreach (Node node in graph.Nodes)
        {
            foreach (Value? input in node.Inputs)
                if (input is not null && known.Add(input))
                {
                    Assert.True(input.IsConstant, $"{node} reads {input} before it is written");
                    Assert.True(names.Add(input.Name), $"the name of {input} is taken");
                }
            var inferred = node.Outputs.Select(value => (value.Type, value.Shape)).ToArray();
            foreach (Value output in node.Outputs)
            {
                Assert.Same(node, output.Producer);
                Assert.True(known.Add(output), $"{output} is written twice");
                Assert.True(names.Add(output.Name), $"the name of {output} is taken");
            }
            node.Op.Infer(new Inference(node));
            Assert.Equal(inferred, node.Outputs.Select(value => (value.Type, value.Shape)));
        }
        Assert.All(graph.Outputs, output => Assert.Contains(output, known));
    }

    public static void CheckSame(Graph before, Graph after, bool bitwise)
    {
        foreach ((double[] expected, double[] actual) in Evaluate<double>(before).Zip(Evaluate<double>(after)))
        {
            Assert.Equal(expected.Length, actual.Length);
            double tolerance = 1e-5 * (1 + expected.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty().Max());
            for (int i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance || expected[i].Equals(actual[i]), $"element {i} was {expected[i]} and is {actual[i]}");
        }
        if (bitwise)
            foreach ((float[] expected, float[] actual) in Evaluate<float>(before).Zip(Evaluate<float>(after)))
                Assert.Equal(expected, actual);
    }

    /// <summary>The graph's outputs for inputs that are the same for every graph with inputs of those sizes.</summary>
    public static IReadOnlyList<T[]> Evaluate<T>(Graph graph) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        var data = new Dictionary<Value, byte[]>();
        foreach (Value input in graph.Inputs)
        {
            var random = new Random(graph.Inputs.IndexOf(input));
            data[input] = Bytes(Enumerable.Range(0, (int)input.KnownShape.Elements).Select(_ => T.CreateChecked(random.Next(-64, 65) / 16f)).ToArray());
        }
        foreach (Node node in graph.Nodes)
        {
            foreach (Value? input in node.Inputs)
                if (input?.Constant is Tensor constant && !data.ContainsKey(input))
                    data[input] = constant.Type == ElementType.Float32 ? Bytes(Array.ConvertAll(constant.ToArray<float>(), T.CreateChecked)) : constant.Data.ToArray();
            foreach (Value output in node.Outputs)
                data[output] = new byte[output.KnownShape.Elements * Elements.SizeOf<T>(output.Type)];
            Operand[] inputs = [.. node.Inputs.Select(Of)], outputs = [.. node.Outputs.Select(Of)];
            node.Op.Reference<T>(node, new Operands(inputs, outputs));
        }
        return [.. graph.Outputs.Select(output => MemoryMarshal.Cast<byte, T>(data[output]).ToArray())];

        Operand Of(Value? value) => value is null ? default : new Operand(value.Type, TensorView.Dense(value.KnownShape), data[value], 0);
    }

    private static byte[] Bytes<T>(T[] elements) where T : unmanaged => MemoryMarshal.AsBytes<T>(elements).ToArray();
}
