using HybridConv.Graphs;
using HybridConv.Ops.Conv;
using HybridConv.Passes;
using HybridConv.Planning;
using HybridConv.Zoo;

namespace HybridConv.Bench;

/// <summary>
/// The distinct convolutions of the zoo as the planner sees them, after its passes: channels-last, with activation and residual fused, on views of larger
/// tensors where they stand beside a concatenation. And some with odd numbers of channels, which no published network has.
/// </summary>
internal static class LayerList
{
    private static readonly Lazy<IReadOnlyDictionary<string, Node>> Layers = new(() =>
    {
        var layers = new SortedDictionary<string, Node>(StringComparer.Ordinal);
        foreach (Network network in Networks.All)
        {
            using Model model = network.Build(new ZooOptions());
            AddTo(layers, model);
        }
        using Model odd = OddChannels();
        AddTo(layers, odd);
        return layers;
    });

    public static IEnumerable<string> Names => Layers.Value.Keys;

    public static Node Find(string name) => Layers.Value[name];

    private static void AddTo(IDictionary<string, Node> layers, Model model)
    {
        var shapes = model.Inputs.ToDictionary(input => input.Name, input => new Shape([.. input.Dimensions!.Select(dim => dim.Size)]));
        Graph graph = new Specialisation(shapes, new Dictionary<string, Tensor>(), int.MaxValue).Apply(model.Graph);
        PassPipeline.Run(graph);
        StorageAssignment.Run(graph);
        foreach (Node node in graph.Nodes)
            if (node.Op is ConvOp)
                layers.TryAdd(Name(node), node);
    }

    /// <summary>Filter, channels, output size, and what is not usual: <c>3x3/2 64-128 28x28 g4 relu +residual</c>.</summary>
    private static string Name(Node node)
    {
        var attributes = (ConvAttributes)node.Attributes;
        Shape weights = node.Input(ConvOp.Weights).KnownShape, output = node.Output.KnownShape;
        string name = $"{Product(attributes.KernelShape!)}{Unless(1, attributes.Strides!, "/")}{Unless(1, attributes.Dilations!, " d")} " +
            $"{weights[1] * attributes.Group}-{weights[0]} {Product(output.Dims[1..^1].ToArray())}";
        if (attributes.Group > 1)
            name += $" g{attributes.Group}";
        if (!attributes.Activation.IsNone)
            name += $" {attributes.Activation.ToString().ToLowerInvariant()}";
        return node.OptionalInput(ConvOp.Residual) is null ? name : $"{name} +residual";
    }

    private static string Product(long[] sizes) => string.Join('x', sizes);

    private static string Unless(long usual, long[] values, string sign) => Array.TrueForAll(values, value => value == usual) ? "" : $"{sign}{(values.Distinct().Count() == 1 ? $"{values[0]}" : Product(values))}";

    private static Model OddChannels()
    {
        var net = new ModelBuilder(name: "odd");
        NetValue x = net.Input("image", 1, 3, 57, 61).Conv(17, 3, stride: 2).Relu();
        x = x.Pointwise(37).Relu().Depthwise(5).Pointwise(61).Relu();
        x.Conv(33, 3).Relu().Conv(19, (1, 7)).Output("features");
        return net.Build();
    }
}
