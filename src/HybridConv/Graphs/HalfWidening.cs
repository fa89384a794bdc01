using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using HybridConv.Ops;

namespace HybridConv.Graphs;

/// <summary>
/// Turns a network in float16 into one in float32 while it is read: constants are widened when their data is asked for, casts to float16 become
/// casts to float32, and inputs and outputs that the model declares as float16 stay so for the caller, with a Cast beside each.
/// </summary>
internal sealed class HalfWidening(Graph graph)
{
    private const string CastTarget = "to";

    /// <summary>The form of the Cast nodes that are added here.</summary>
    private const long CastOpset = 13;

    /// <summary>The name under which a value that may be a float16 output is produced, before it is narrowed.</summary>
    public static string InnerName(string name, bool narrowed) => narrowed ? $"{name} (float32)" : name;

    /// <summary>What nodes read in place of an input.</summary>
    public Value Widen(Value input) => input.Type == ElementType.Float16 ? Cast(input, ElementType.Float32, InnerName(input.Name, true)) : input;

    /// <summary>The float16 output <paramref name="name"/> of a value that was computed in float32.</summary>
    public Value Narrow(Value value, string name) => Cast(value, ElementType.Float16, name);

    public static Tensor Widen(Tensor tensor) => tensor.Type == ElementType.Float16
        ? Tensor.Derived(ElementType.Float32, tensor.Shape, tensor.Origin, () => Widen(MemoryMarshal.Cast<byte, Half>(tensor.Data.Span)))
        : tensor;

    public static NodeRecord Widen(NodeRecord node)
    {
        for (int i = 0; i < node.Attributes.Count; i++)
        {
            NodeAttribute attribute = node.Attributes[i], wide = attribute;
            if (attribute.Tensor is { Type: ElementType.Float16 } half)
                wide = attribute with { Tensor = Widen(half) };
            else if (node.OpType == "Cast" && attribute is { Name: CastTarget, Int: (long)ElementType.Float16 })
                wide = attribute with { Int = (long)ElementType.Float32 };
            if (wide != attribute)
                node = node with { Attributes = [.. node.Attributes.Select((a, k) => k == i ? wide : a)] };
        }
        return node;
    }

    private Value Cast(Value from, ElementType to, string name)
    {
        Op op = OpTable.Find("Cast") ?? throw new UnsupportedModelException("The model has float16 inputs or outputs, and Cast is not supported.");
        var record = new NodeRecord(name, op.Name, "", [from.Name], [name], [new NodeAttribute(CastTarget, AttributeKind.Int, Int: (long)to)]);
        var reader = new NodeReader(record, CastOpset, _ => from);
        var output = new Value(name);
        graph.Nodes.Add(new Node(name, op, op.Read(reader), reader.Inputs, [output]));
        return output;
    }

    private static ReadOnlyMemory<byte> Widen(ReadOnlySpan<Half> halves)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(halves.Length * sizeof(float));
        TensorPrimitives.ConvertToSingle(halves, MemoryMarshal.Cast<byte, float>(bytes.AsSpan()));
        return bytes;
    }
}
