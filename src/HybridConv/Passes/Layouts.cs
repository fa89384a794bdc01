using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Reshape;
using HybridConv.Ops.Transpose;

namespace HybridConv.Passes;

/// <summary>
/// Where the axes of each value really are while a graph is rewritten. A value v may be <i>stored</i> as another value s with reordered axes: v = Transpose(s, p).
/// Nothing is transposed until somebody asks for v in a layout other than the stored one; and then once for all who ask for the same.
/// A layout L of v is the permutation with which Transpose(v, L) is what is asked for.
/// </summary>
internal sealed class Layouts(GraphEditor graph)
{
    private static readonly Op Transposition = OpTable.Get<TransposeOp>();
    private static readonly Op Reshaping = OpTable.Get<ReshapeOp>();

    private readonly Dictionary<Value, (Value Stored, int[] Permutation)> homes = [];
    private readonly Dictionary<(Value Stored, ulong Permutation), Value> copies = [];
    private readonly Dictionary<(Value, int Rank), Value> widened = [];

    /// <summary>The nodes that reorder data in memory; some may have lost their readers.</summary>
    public List<Node> Transposes { get; } = [];

    public static int[] Identity(int rank)
    {
        var identity = new int[rank];
        for (int i = 0; i < rank; i++)
            identity[i] = i;
        return identity;
    }

    public static bool IsIdentity(ReadOnlySpan<int> permutation)
    {
        for (int i = 0; i < permutation.Length; i++)
            if (permutation[i] != i)
                return false;
        return true;
    }

    /// <summary>A permutation as a number: four bits per axis.</summary>
    public static ulong Key(ReadOnlySpan<int> permutation)
    {
        ulong key = (ulong)permutation.Length;
        foreach (int axis in permutation)
            key = key << 4 | (uint)axis;
        return key;
    }

    /// <summary>What <paramref name="value"/> is stored as, and the permutation that makes it of that.</summary>
    public (Value Stored, int[] Permutation) HomeOf(Value value) =>
        homes.TryGetValue(value, out (Value, int[]) home) ? home : (value, Identity(value.KnownShape.Rank));

    /// <summary>Whether the value is stored as another one.</summary>
    public bool IsMoved(Value value) => homes.ContainsKey(value);

    /// <summary>Declares that <paramref name="value"/> = Transpose(<paramref name="stored"/>, <paramref name="permutation"/>) is to be written by nobody unless asked for.</summary>
    public void Store(Value value, Value stored, int[] permutation) => homes[value] = (stored, permutation);

    /// <summary>Makes a node write output <paramref name="index"/> in <paramref name="layout"/>.</summary>
    public void StoreOutput(Node node, int index, int[] layout)
    {
        Value output = node.Outputs[index];
        Value stored = graph.NewValue($"{output.Name}/{Name(layout)}", output.Type, output.KnownShape.Permuted(layout));
        graph.SetOutput(node, index, stored);
        Store(output, stored, Axes.Inverse(layout));
    }

    /// <summary>The elements that would have to move if the value were asked for in a layout now.</summary>
    public long CostOf(Value value, int[] layout)
    {
        if (value.IsConstant)
            return 0;
        (Value stored, int[] permutation) = HomeOf(value);
        int[] total = Axes.Compose(permutation, layout);
        return Axes.KeepsOrder(stored.KnownShape, total) || copies.ContainsKey((stored, Key(total))) ? 0 : value.KnownShape.Elements;
    }

    /// <summary>The value as it is declared.</summary>
    public Value AsDeclared(Value value) => IsMoved(value) ? InLayout(value, Identity(value.KnownShape.Rank)) : value;

    /// <summary>A value that is Transpose(<paramref name="value"/>, <paramref name="layout"/>).</summary>
    public Value InLayout(Value value, int[] layout)
    {
        (Value stored, int[] permutation) = HomeOf(value);
        int[] total = Axes.Compose(permutation, layout);
        Shape shape = stored.KnownShape.Permuted(total);
        bool keepsOrder = Axes.KeepsOrder(stored.KnownShape, total);
        if (IsIdentity(total) || (keepsOrder && shape == stored.KnownShape))
            return stored;
        if (copies.TryGetValue((stored, Key(total)), out Value? copy))
            return copy;
        if (stored.Constant is Tensor constant)
            copy = graph.NewConstant($"{value.Name}/{Name(layout)}", keepsOrder ? constant.Reshaped(shape) : constant.Transposed(total));
        else
        {
            copy = IsIdentity(layout) ? value : graph.NewValue($"{value.Name}/{Name(layout)}", value.Type, shape);
            if (keepsOrder)
                Reshape(stored, copy);
            else
                Transposes.Add(graph.Add(new Node(copy.Name, Transposition, new TransposeAttributes(total), [stored], [copy])));
        }
        copies.Add((stored, Key(total)), copy);
        return copy;
    }

    /// <summary>Adds a Reshape that writes <paramref name="target"/>; it reads past other nodes that only change the shape.</summary>
    public void Reshape(Value source, Value target, string? name = null)
    {
        while (source.Producer is Node alias && IsReshape(alias))
            source = alias.Input(0);
        graph.Add(new Node(name ?? target.Name, Reshaping, ReshapeAttributes.To(target.KnownShape), [source], [target]));
    }

    /// <summary>Whether a node does nothing but give its only input another shape.</summary>
    public static bool IsReshape(Node node) =>
        node.Inputs.Count == 1 && node.Outputs.Count == 1 && node.Input(0).Type == node.Output.Type && node.Op.IsAlias(node);

    /// <summary>The value with axes of size 1 put before its own until it has <paramref name="rank"/> of them.</summary>
    public Value Widened(Value value, int rank)
    {
        Shape shape = value.KnownShape;
        if (shape.Rank == rank)
            return value;
        if (widened.TryGetValue((value, rank), out Value? wide))
            return wide;
        var dims = new long[rank];
        dims.AsSpan().Fill(1);
        shape.Dims.CopyTo(dims.AsSpan(rank - shape.Rank));
        var full = new Shape(dims);
        if (value.Constant is Tensor constant)
            wide = graph.NewConstant($"{value.Name}/rank{rank}", constant.Reshaped(full));
        else
        {
            Value declared = AsDeclared(value);
            wide = graph.NewValue($"{value.Name}/rank{rank}", value.Type, full);
            Reshape(declared, wide);
        }
        widened.Add((value, rank), wide);
        return wide;
    }

    private static string Name(int[] layout) => IsIdentity(layout) ? "declared" : layout[^1] == 1 ? "channels_last" : $"axes{string.Concat(layout)}";
}
