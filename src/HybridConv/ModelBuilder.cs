using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv;

/// <summary>
/// Writes a network in code, layer by layer. Layers are methods of the values that they read:
/// <code>
/// var net = new ModelBuilder(seed: 1);
/// NetValue x = net.Input("image", 1, 3, 224, 224);
/// x = x.Conv(64, kernel: 3, stride: 2).Relu().MaxPool(3, 2);
/// x.GlobalAveragePool().Flatten().Dense(1000).Output("logits");
/// using Model model = net.Build();
/// </code>
/// Weights that are not given are random: seeded, equal on every machine, independent of the order of construction, and computed only when they are needed.
/// Images are N, C, H, W. Every layer checks its operands at once.
/// </summary>
public sealed class ModelBuilder
{
    /// <summary>The versions in which networks are written.</summary>
    private const int Opset = 21, Ir = 10;

    private readonly List<TensorInfo> inputs = [], outputs = [];
    private readonly List<NodeRecord> nodes = [];
    private readonly OrderedDictionary<string, Tensor> initializers = [];
    private readonly Dictionary<string, Value> values = [];
    private readonly Dictionary<string, int> counts = [];
    private readonly ulong seed;
    private string scope = "";

    /// <param name="seed">Decides the values of all weights that are not given.</param>
    /// <param name="name">The name of the network.</param>
    public ModelBuilder(int seed = 0, string name = "")
    {
        this.seed = (ulong)seed;
        Name = name;
    }

    /// <summary>The name of the network.</summary>
    public string Name { get; }

    /// <summary>Declares a float32 input. Only its first axis, the batch, may be open.</summary>
    public NetValue Input(string name, params ReadOnlySpan<Dimension> shape)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        var sizes = new long[shape.Length];
        for (int i = 0; i < sizes.Length; i++)
            sizes[i] = !shape[i].IsOpen ? shape[i].Size
                : i == 0 ? 1
                : throw new ArgumentException($"Axis {i} of the input '{name}' is open; only the batch may be.", nameof(shape));
        Value value = Define(new Value(name) { Type = ElementType.Float32, Shape = new Shape(sizes) });
        inputs.Add(new TensorInfo(name, value.Type, shape.ToArray()));
        return new NetValue(this, value);
    }

    /// <summary>A constant operand.</summary>
    public NetValue Constant(string name, ReadOnlySpan<float> elements, params ReadOnlySpan<long> shape)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new NetValue(this, Weight(Tensor.From(elements.ToArray(), new Shape(shape), scope + name)));
    }

    /// <summary>Joins values along an axis; by default along the channels.</summary>
    public NetValue Concat(ReadOnlySpan<NetValue> parts, int axis = 1, string? name = null) =>
        Add("Concat", LayerName(name, "concat"), Values(parts), Attribute("axis", axis));

    /// <summary>Names of layers that are added until the result is disposed begin with <paramref name="name"/> and a slash. Scopes nest.</summary>
    public IDisposable Scope(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        string outer = scope;
        scope = $"{outer}{name}/";
        return new OpenScope(this, outer);
    }

    /// <summary>The network so far.</summary>
    /// <exception cref="InvalidOperationException">No value was made an output.</exception>
    /// <exception cref="ShapeException">The batch is open, and a layer works for a batch of one only.</exception>
    public Model Build()
    {
        if (outputs.Count == 0)
            throw new InvalidOperationException("The network has no output.");
        var record = new ModelRecord
        {
            Name = Name,
            Producer = "HybridConv",
            IrVersion = Ir,
            Opsets = [new OpsetImport("", Opset)],
            Inputs = [.. inputs],
            Outputs = [.. outputs],
            Nodes = [.. nodes],
            Initializers = new OrderedDictionary<string, Tensor>(initializers),
        };
        return Model.Of(inputs.Exists(HasOpenBatch) ? record with { Outputs = OpenBatch(record) } : record);
    }

    private static bool HasOpenBatch(TensorInfo input) => input.Dimensions is [{ IsOpen: true }, ..];

    /// <summary>The outputs with those axes open that follow the batch: inferred with a batch of two, they differ from those of a batch of one.</summary>
    private List<TensorInfo> OpenBatch(ModelRecord record)
    {
        Graph graph = GraphReader.Read(record);
        for (int i = 0; i < graph.Inputs.Count; i++)
            graph.Inputs[i].Shape = HasOpenBatch(inputs[i]) ? values[inputs[i].Name].KnownShape.With(0, 2) : values[inputs[i].Name].KnownShape;
        foreach (Node node in graph.Nodes)
            node.Op.Infer(new Inference(node));

        Dimension batch = inputs.Find(HasOpenBatch)!.Dimensions![0];
        return [.. outputs.Select((output, i) => output with
        {
            Dimensions = [.. output.Dimensions!.Select((one, axis) => graph.Outputs[i].KnownShape[axis] == one.Size ? one : batch)],
        })];
    }

    /// <summary>Makes a value an output; under another name it goes through an Identity.</summary>
    internal void Output(NetValue value, string? name)
    {
        Value output = Owned(value);
        if (name is not null && name != output.Name)
            output = Owned(Add("Identity", name, [output]));
        if (outputs.Exists(other => other.Name == output.Name))
            throw new ArgumentException($"'{output.Name}' is an output already.", nameof(name));
        outputs.Add(new TensorInfo(output.Name, output.Type, Array.ConvertAll(output.KnownShape.Dims.ToArray(), size => (Dimension)size)));
    }

    /// <summary>The full name of the next layer: the one given, or its kind and a number, in the open scope.</summary>
    internal string LayerName(string? given, string kind)
    {
        if (given is not null)
            return scope + given;
        string stem = scope + kind, name;
        do
            name = $"{stem}{counts[stem] = counts.GetValueOrDefault(stem) + 1}";
        while (values.ContainsKey(name));
        return name;
    }

    /// <summary>Adds a layer of one output under its full name, which is also the output's.</summary>
    internal NetValue Add(string op, string name, Value?[] inputs, params ReadOnlySpan<NodeAttribute> attributes) =>
        Add(op, name, 1, inputs, attributes)[0];

    /// <summary>Adds a layer: records the node, and infers its shapes as a plan would.</summary>
    internal NetValue[] Add(string opType, string name, int outputCount, Value?[] inputs, params ReadOnlySpan<NodeAttribute> attributes)
    {
        Op op = OpTable.Find(opType) ?? throw new UnsupportedModelException($"The operator {opType} is not supported.");
        var results = new Value[outputCount];
        for (int i = 0; i < outputCount; i++)
            results[i] = new Value(outputCount == 1 ? name : $"{name}:{i}");
        var record = new NodeRecord(name, opType, "", [.. inputs.Select(input => input?.Name ?? "")], [.. results.Select(value => value.Name)], attributes.ToArray());
        var reader = new NodeReader(record, Opset, input => values[input]);
        op.Infer(new Inference(new Node(name, op, op.Read(reader), reader.Inputs, results)));

        nodes.Add(record);
        return Array.ConvertAll(results, value => new NetValue(this, Define(value)));
    }

    internal static NodeAttribute Attribute(string name, long value) => new(name, AttributeKind.Int, Int: value);
    internal static NodeAttribute Attribute(string name, float value) => new(name, AttributeKind.Float, Float: value);
    internal static NodeAttribute Attribute(string name, string value) => new(name, AttributeKind.Text, Text: value);
    internal static NodeAttribute Attribute(string name, params long[] values) => new(name, AttributeKind.Ints, Ints: values);

    /// <summary>The graph's value behind a handle.</summary>
    internal Value Owned(NetValue value) =>
        value.Builder == this ? value.Value : throw new ArgumentException("The value belongs to another builder, or to none.", nameof(value));

    internal Value[] Values(ReadOnlySpan<NetValue> values)
    {
        var owned = new Value[values.Length];
        for (int i = 0; i < owned.Length; i++)
            owned[i] = Owned(values[i]);
        return owned;
    }

    /// <summary>Weights of a layer, under their full name: those given, or seeded ones, evenly distributed over [centre - spread, centre + spread].</summary>
    internal Value Weight(string name, float[]? given, Shape shape, float centre, float spread) =>
        Weight(given is null ? SeededWeights.Uniform(shape, name, seed, centre, spread) : Tensor.From(given, shape, name));

    /// <summary>Integers that say what a layer does: a shape, axes, pads.</summary>
    internal Value Parameter(string name, params long[] elements) => Weight(Tensor.From(elements, new Shape(elements.Length), name));

    internal Value Parameter(string name, ReadOnlySpan<float> elements) => Weight(Tensor.From(elements.ToArray(), new Shape(elements.Length), name));

    internal Value Scalar(string name, float element) => Weight(Tensor.From([element], Shape.Scalar, name));

    private Value Weight(Tensor tensor)
    {
        Value value = Define(Value.Of(tensor, tensor.Origin));
        initializers.Add(value.Name, tensor);
        return value;
    }

    private Value Define(Value value) => values.TryAdd(value.Name, value) ? value : throw new ArgumentException($"The name '{value.Name}' is taken.");

    private sealed class OpenScope(ModelBuilder builder, string outer) : IDisposable
    {
        public void Dispose() => builder.scope = outer;
    }
}
