using HybridConv.Graphs;
using HybridConv.Ops;

namespace HybridConv.Planning;

/// <summary>
/// Decides in which storage each value lies, and where in it. Values that only rename or cut others (reshapes, channel splits) and values that are only
/// parts of others (concat's inputs) become views and cost nothing; elementwise results are written over an operand that nobody needs any more.
/// Sets <see cref="Value.View"/> on every value; run before kernels are chosen, which see the views in their specs.
/// </summary>
internal sealed class StorageAssignment
{
    private readonly Graph graph;
    private readonly Dictionary<Value, List<Node>> consumers;
    private readonly HashSet<Value> outputs;
    private readonly Dictionary<Value, Storage> storages = [];
    private readonly Dictionary<Value, Value> partOf = [];

    private StorageAssignment(Graph graph)
    {
        this.graph = graph;
        consumers = graph.Consumers();
        outputs = [.. graph.Outputs];
    }

    public static IReadOnlyDictionary<Value, Storage> Run(Graph graph)
    {
        var assignment = new StorageAssignment(graph);
        assignment.PlaceOutputs();
        assignment.PlaceParts();
        assignment.PlaceAll();
        assignment.ShareInPlace();
        return assignment.storages;
    }

    /// <summary>What a reshape makes an output of is computed where the output lies.</summary>
    private void PlaceOutputs()
    {
        foreach (Value output in graph.Outputs)
        {
            if (output.Producer is not { } producer || !producer.Op.IsAlias(producer) || RelabelledSource(producer.Input(0)) is not { } chain)
                continue;
            output.View = TensorView.Dense(output.KnownShape);
            foreach (Value value in chain)
                MakePart(value, TensorView.Dense(value.KnownShape), output);
        }
    }

    /// <summary>Inputs of concatenations become windows on the result, outermost concatenation first so that nested ones (DenseNet) chain.</summary>
    private void PlaceParts()
    {
        for (int i = graph.Nodes.Count - 1; i >= 0; i--)
        {
            Node node = graph.Nodes[i];
            if (node.Op is not IConcatenates concat || !CanBeWhole(node.Output))
                continue;
            TensorView whole = node.Output.KnownView;
            node.Output.View = whole;
            int axis = concat.Axis(node);
            long start = 0;
            for (int k = 0; k < node.Inputs.Count; k++)
            {
                Value part = node.Input(k);
                TensorView window = whole.Window(axis, start, part.KnownShape[axis]);
                start += part.KnownShape[axis];
                if (CanBePart(part, window))
                    MakePart(part, window, node.Output);
                else if (window.IsDense && RelabelledSource(part) is { } chain)
                    foreach (Value value in chain)
                        MakePart(value, window with { Shape = value.KnownShape, Strides = value.KnownShape.DenseStrides() }, node.Output);
            }
        }
    }

    private bool CanBeWhole(Value value) => value.Type == ElementType.Float32 && value.KnownShape.Elements > 0;

    private bool CanBePart(Value part, TensorView window) =>
        part.View is null && part.Producer is { } producer && producer.Op.AcceptsViews(producer) && !producer.Op.IsAlias(producer)
        && producer.Op is not ISplits && !outputs.Contains(part) && window.PixelStride > 0
        && consumers[part].TrueForAll(c => c.Op.AcceptsViews(c) && !c.Op.IsAlias(c));

    private void MakePart(Value part, TensorView window, Value whole)
    {
        part.View = window;
        partOf[part] = whole;
    }

    /// <summary>
    /// A value that reshapes may make of another one, with that other one at the end: all of them can lie in a contiguous window. Null when one cannot move there.
    /// </summary>
    private List<Value>? RelabelledSource(Value part)
    {
        var chain = new List<Value>();
        for (Value value = part; ; value = value.Producer!.Input(0))
        {
            if (value.View is not null || value.Producer is not { } producer || producer.Op is ISplits || outputs.Contains(value))
                return null;
            chain.Add(value);
            if (!producer.Op.IsAlias(producer))
                return chain;
            if (producer.Outputs.Count > 1)
                return null;
        }
    }

    private void PlaceAll()
    {
        foreach (Value input in graph.Inputs)
            Own(input, pinned: true).UseAt(-1);
        for (int step = 0; step < graph.Nodes.Count; step++)
        {
            Node node = graph.Nodes[step];
            for (int i = 0; i < node.Outputs.Count; i++)
                Place(node, i);
            foreach (Value? value in node.Inputs.Concat(node.Outputs))
                if (value is { IsConstant: false })
                    storages[value].UseAt(step);
        }
        foreach (Value output in graph.Outputs)
            if (!output.IsConstant)
                storages[output].UseAt(graph.Nodes.Count);
    }

    private void Place(Node node, int index)
    {
        Value output = node.Outputs[index];
        if (partOf.TryGetValue(output, out Value? whole))
        {
            Put(output, WholeStorage(whole));
            return;
        }
        if (storages.ContainsKey(output))
            return;
        if (!outputs.Contains(output) && node.Inputs.Count > 0 && node.Inputs[0] is { IsConstant: false } source)
        {
            if (node.Op.IsAlias(node) && source.View!.IsDense)
            {
                Alias(output, source, source.View with { Shape = output.KnownShape, Strides = output.KnownShape.DenseStrides() });
                return;
            }
            if (node.Op is ISplits splits && splits.Window(node, index, source.View!) is { PixelStride: > 0 } window
                && consumers.GetValueOrDefault(output, []).TrueForAll(c => c.Op.AcceptsViews(c) || window.IsDense))
            {
                Alias(output, source, window);
                return;
            }
        }
        Own(output, outputs.Contains(output));
    }

    private void Alias(Value value, Value source, TensorView view)
    {
        value.View = view;
        Put(value, storages[source]);
    }

    private Storage Put(Value value, Storage storage)
    {
        storage.Values.Add(value);
        return storages[value] = storage;
    }

    private Storage WholeStorage(Value whole)
    {
        while (partOf.TryGetValue(whole, out Value? larger))
            whole = larger;
        return storages.TryGetValue(whole, out Storage? storage) ? storage : Own(whole, outputs.Contains(whole));
    }

    private Storage Own(Value value, bool pinned)
    {
        value.View ??= TensorView.Dense(value.KnownShape);
        return Put(value, new Storage(value.KnownShape.Elements * value.Type.Size(), pinned));
    }

    /// <summary>Lets a node write over an input whose storage is not needed after it.</summary>
    private void ShareInPlace()
    {
        for (int step = 0; step < graph.Nodes.Count; step++)
        {
            Node node = graph.Nodes[step];
            if (node.Outputs.Count != 1 || storages[node.Output] is not { Pinned: false } own || own.First != step || !IsWhole(node.Output, own))
                continue;
            for (int i = 0; i < node.Inputs.Count; i++)
            {
                if (node.Inputs[i] is not { IsConstant: false } input || !node.Op.InPlace(node, i) || input.Type != node.Output.Type
                    || storages[input] is not { Pinned: false } taken || ReferenceEquals(taken, own) || taken.Last != step || !input.View!.Equals(node.Output.View)
                    || ReadsElsewhere(node, taken, input.View))
                    continue;
                taken.Last = own.Last;
                foreach (Value value in own.Values)
                    Put(value, taken);
                break;
            }
        }
    }

    /// <summary>Whether an operand lies in a storage under another view: then it may be read where the node has written.</summary>
    private bool ReadsElsewhere(Node node, Storage storage, TensorView view) =>
        node.Inputs.Exists(other => other is { IsConstant: false } && ReferenceEquals(storages[other], storage) && !other.View!.Equals(view));

    private static bool IsWhole(Value value, Storage storage) => value.View!.IsDense && value.KnownShape.Elements * value.Type.Size() == storage.Bytes;
}
