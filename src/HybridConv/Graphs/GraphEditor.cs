namespace HybridConv.Graphs;

/// <summary>
/// Changes a graph and knows at every moment who reads each value. An edit takes constant time per operand that it touches.
/// While an editor is in use, the graph changes only through it: <see cref="Nodes"/> are those of the last <see cref="Commit"/> that have not been
/// removed since, and nodes added since appear, in order, with the next one.
/// </summary>
internal sealed class GraphEditor
{
    private readonly Graph graph;
    private readonly Dictionary<Node, List<Use?>> operands = [];
    private readonly Dictionary<Value, Readers> readers = [];
    private readonly HashSet<Value> outputs;
    private readonly List<Node> added = [];
    private HashSet<string>? names;
    private bool changed;

    public GraphEditor(Graph graph)
    {
        this.graph = graph;
        outputs = [.. graph.Outputs];
        foreach (Node node in graph.Nodes)
            Register(node);
    }

    public IReadOnlyList<Value> GraphOutputs => graph.Outputs;

    /// <summary>The nodes, every value's producer before its readers. A loop may edit the graph; it then skips what has been removed.</summary>
    public IEnumerable<Node> Nodes
    {
        get
        {
            foreach (Node node in graph.Nodes)
                if (IsLive(node))
                    yield return node;
        }
    }

    /// <summary>The nodes in the opposite order.</summary>
    public IEnumerable<Node> NodesBackwards
    {
        get
        {
            for (int i = graph.Nodes.Count - 1; i >= 0; i--)
                if (IsLive(graph.Nodes[i]))
                    yield return graph.Nodes[i];
        }
    }

    public bool IsLive(Node node) => operands.ContainsKey(node);

    /// <summary>Whether the value is an output of the graph: it must keep its name and its data.</summary>
    public bool IsOutput(Value value) => outputs.Contains(value);

    /// <summary>The number of operands of nodes that are this value.</summary>
    public int UseCount(Value value) => readers.TryGetValue(value, out Readers? list) ? list.Count : 0;

    /// <summary>Whether anybody sees the value.</summary>
    public bool IsUsed(Value value) => IsOutput(value) || UseCount(value) > 0;

    /// <summary>Every operand that is this value. The loop may change the operand that it is at.</summary>
    public IEnumerable<(Node Node, int Index)> Uses(Value value)
    {
        if (!readers.TryGetValue(value, out Readers? list))
            yield break;
        for (Use? use = list.First, next; use is not null; use = next)
        {
            next = use.Next;
            yield return (use.Node, use.Index);
        }
    }

    /// <summary>The node that reads the value, when it is one operand of one node and not an output of the graph.</summary>
    public Node? SoleReader(Value value) =>
        !IsOutput(value) && readers.TryGetValue(value, out Readers? list) && list.Count == 1 ? list.First!.Node : null;

    /// <summary>A new value whose name is <paramref name="name"/>, or that with a number when it is taken.</summary>
    public Value NewValue(string name, ElementType type, Shape shape) => new(Unique(name)) { Type = type, Shape = shape };

    /// <summary>A new constant; see <see cref="NewValue"/>.</summary>
    public Value NewConstant(string name, Tensor data) => Value.Of(data, Unique(name));

    public Node Add(Node node)
    {
        Register(node);
        added.Add(node);
        changed = true;
        return node;
    }

    /// <summary>Removes a node. Its outputs no longer have a producer: whoever reads them must be given something else before the next <see cref="Commit"/>.</summary>
    public void Remove(Node node)
    {
        foreach (Use? use in operands[node])
            Unlink(use);
        operands.Remove(node);
        foreach (Value output in node.Outputs)
            if (output.Producer == node)
                output.Producer = null;
        changed = true;
    }

    /// <summary>Sets an operand; optional operands between the last present one and this one become absent.</summary>
    public void SetInput(Node node, int index, Value? value)
    {
        List<Use?> uses = operands[node];
        while (node.Inputs.Count <= index)
        {
            node.Inputs.Add(null);
            uses.Add(null);
        }
        Unlink(uses[index]);
        node.Inputs[index] = value;
        uses[index] = Link(node, index, value);
        changed = true;
    }

    /// <summary>Makes a node write <paramref name="value"/> in place of one of its outputs.</summary>
    public void SetOutput(Node node, int index, Value value)
    {
        node.ReplaceOutput(index, value);
        changed = true;
    }

    /// <summary>All readers of <paramref name="value"/> read <paramref name="by"/> instead.</summary>
    public void Redirect(Value value, Value by)
    {
        foreach ((Node node, int index) in Uses(value))
            SetInput(node, index, by);
    }

    /// <summary>Whether <see cref="Unify"/> can make one value of two: not when both are outputs of the graph, or one is and the other has no producer.</summary>
    public bool CanUnify(Value value, Value with) => !IsOutput(value) || (!IsOutput(with) && with.Producer is not null);

    /// <summary>
    /// Makes one value of two that hold the same data, of which <paramref name="value"/> has lost its producer: readers of either read the one that remains.
    /// That is <paramref name="with"/>, unless <paramref name="value"/> is an output of the graph; then the producer of <paramref name="with"/> writes it.
    /// </summary>
    public void Unify(Value value, Value with)
    {
        if (!CanUnify(value, with))
            throw new InvalidOperationException($"'{value.Name}' and '{with.Name}' must both remain.");
        if (!IsOutput(value))
        {
            Redirect(value, with);
            return;
        }
        Node producer = with.Producer!;
        SetOutput(producer, IndexOfOutput(producer, with), value);
        Redirect(with, value);
    }

    /// <summary>
    /// Removes a node whose work the producer of its operand <paramref name="input"/> does from now on: that producer writes the node's output itself.
    /// The node is the operand's only reader.
    /// </summary>
    public void FoldIntoProducer(Node node, Value input)
    {
        Node producer = input.Producer!;
        Remove(node);
        if (IsUsed(input))
            throw new InvalidOperationException($"'{input.Name}' has other readers than '{node.Name}'.");
        SetOutput(producer, IndexOfOutput(producer, input), node.Output);
    }

    /// <summary>Puts the nodes in order: those that were there keep theirs as far as they can, and a new node stands right before its first reader.</summary>
    public void Commit()
    {
        if (!changed)
            return;
        var placed = new HashSet<Node>(operands.Count);
        var order = new List<Node>(operands.Count);
        var path = new Stack<(Node Node, int Operand)>();
        var open = new HashSet<Node>();
        foreach (Node root in graph.Nodes.Concat(added))
        {
            if (!IsLive(root) || placed.Contains(root))
                continue;
            path.Push((root, 0));
            open.Add(root);
            while (path.TryPop(out (Node Node, int Operand) at))
            {
                Node? before = null;
                int operand = at.Operand;
                for (; before is null && operand < at.Node.Inputs.Count; operand++)
                    if (at.Node.Inputs[operand]?.Producer is Node producer && !placed.Contains(producer))
                        before = producer;
                if (before is null)
                {
                    open.Remove(at.Node);
                    placed.Add(at.Node);
                    order.Add(at.Node);
                    continue;
                }
                if (!IsLive(before))
                    throw new InvalidOperationException($"'{at.Node.Name}' reads an output of '{before.Name}', which was removed.");
                if (!open.Add(before))
                    throw new InvalidOperationException($"'{before.Name}' depends on itself.");
                path.Push((at.Node, operand));
                path.Push((before, 0));
            }
        }
        graph.Nodes.Clear();
        graph.Nodes.AddRange(order);
        added.Clear();
        changed = false;
    }

    private static int IndexOfOutput(Node node, Value output)
    {
        int index = 0;
        while (node.Outputs[index] != output)
            index++;
        return index;
    }

    private string Unique(string name)
    {
        if (names is null)
        {
            names = [.. graph.Inputs.Select(value => value.Name)];
            foreach (Node node in operands.Keys)
            {
                names.UnionWith(node.Outputs.Select(value => value.Name));
                names.UnionWith(node.Inputs.OfType<Value>().Select(value => value.Name));
            }
        }
        string unique = name;
        for (int number = 2; !names.Add(unique); number++)
            unique = $"{name}{number}";
        return unique;
    }

    private void Register(Node node)
    {
        var uses = new List<Use?>(node.Inputs.Count);
        for (int i = 0; i < node.Inputs.Count; i++)
            uses.Add(Link(node, i, node.Inputs[i]));
        operands.Add(node, uses);
    }

    private Use? Link(Node node, int index, Value? value)
    {
        if (value is null)
            return null;
        if (!readers.TryGetValue(value, out Readers? list))
            readers[value] = list = new Readers();
        var use = new Use(node, index, list) { Previous = list.Last };
        if (list.Last is null)
            list.First = use;
        else
            list.Last.Next = use;
        list.Last = use;
        list.Count++;
        return use;
    }

    private static void Unlink(Use? use)
    {
        if (use is null)
            return;
        Readers list = use.List;
        if (use.Previous is null)
            list.First = use.Next;
        else
            use.Previous.Next = use.Next;
        if (use.Next is null)
            list.Last = use.Previous;
        else
            use.Next.Previous = use.Previous;
        list.Count--;
    }

    /// <summary>One operand, in the doubly linked list of its value's readers: so that it leaves the list without a search.</summary>
    private sealed class Use(Node node, int index, Readers list)
    {
        public readonly Node Node = node;
        public readonly int Index = index;
        public readonly Readers List = list;
        public Use? Previous, Next;
    }

    private sealed class Readers
    {
        public Use? First, Last;
        public int Count;
    }
}
