using System.Runtime.InteropServices;

namespace HybridConv.Testing;

/// <summary>
/// An ONNX file written from nothing but the published field numbers: what it is told, sensible or not. Shapes use -1 for an open axis.
/// </summary>
public sealed class OnnxFile
{
    private readonly List<WireMessage> nodes = [], initializers = [], inputs = [], outputs = [];

    /// <summary>The version of ONNX's operators that the file imports.</summary>
    public long Opset { get; init; } = 17;

    /// <summary>The version of the file format.</summary>
    public long IrVersion { get; init; } = 8;

    /// <summary>Adds an input of the graph.</summary>
    public OnnxFile Input(string name, ElementType type, params ReadOnlySpan<long> dims)
    {
        inputs.Add(ValueInfo(name, type, dims));
        return this;
    }

    /// <summary>Adds an output of the graph.</summary>
    public OnnxFile Output(string name, ElementType type, params ReadOnlySpan<long> dims)
    {
        outputs.Add(ValueInfo(name, type, dims));
        return this;
    }

    /// <summary>Adds a node. Attribute values are long, float, string, long[], float[] or a <see cref="WireMessage"/> that is a tensor.</summary>
    public OnnxFile Node(string op, string[] inputs, string[] outputs, params ReadOnlySpan<(string Name, object Value)> attributes)
    {
        var node = new WireMessage();
        foreach (string input in inputs)
            node.Text(1, input);
        foreach (string output in outputs)
            node.Text(2, output);
        node.Text(4, op);
        foreach ((string name, object value) in attributes)
            node.Message(5, Attribute(name, value));
        nodes.Add(node);
        return this;
    }

    /// <summary>Adds a float32 initializer.</summary>
    public OnnxFile Floats(string name, long[] dims, ReadOnlySpan<float> values) => Initializer(Tensor(name, ElementType.Float32, dims, MemoryMarshal.AsBytes(values)));

    /// <summary>Adds an int64 initializer of one axis.</summary>
    public OnnxFile Longs(string name, params ReadOnlySpan<long> values) => Initializer(Tensor(name, ElementType.Int64, [values.Length], MemoryMarshal.AsBytes(values)));

    /// <summary>Adds an initializer.</summary>
    public OnnxFile Initializer(WireMessage tensor)
    {
        initializers.Add(tensor);
        return this;
    }

    /// <summary>A tensor with its elements as plain bytes.</summary>
    public static WireMessage Tensor(string name, ElementType type, ReadOnlySpan<long> dims, ReadOnlySpan<byte> raw) => TensorHead(name, (int)type, dims).Bytes(9, raw);

    /// <summary>A tensor without elements.</summary>
    public static WireMessage TensorHead(string name, int type, params ReadOnlySpan<long> dims)
    {
        var tensor = new WireMessage();
        foreach (long dim in dims)
            tensor.Varint(1, dim);
        return tensor.Varint(2, type).Text(8, name);
    }

    /// <summary>A tensor whose elements are in another file.</summary>
    public static WireMessage ExternalTensor(string name, ReadOnlySpan<long> dims, params ReadOnlySpan<(string Key, string Value)> entries)
    {
        WireMessage tensor = TensorHead(name, (int)ElementType.Float32, dims).Varint(14, 1);
        foreach ((string key, string value) in entries)
            tensor.Message(13, new WireMessage().Text(1, key).Text(2, value));
        return tensor;
    }

    /// <summary>The graph alone.</summary>
    public WireMessage Graph() =>
        new WireMessage().Messages(1, nodes).Text(2, "graph").Messages(5, initializers).Messages(11, inputs).Messages(12, outputs);

    /// <summary>The file.</summary>
    public byte[] ToArray() =>
        new WireMessage().Varint(1, IrVersion).Text(2, "tests").Message(7, Graph()).Message(8, new WireMessage().Text(1, "").Varint(2, Opset)).ToArray();

    private static WireMessage ValueInfo(string name, ElementType type, ReadOnlySpan<long> dims)
    {
        var shape = new WireMessage();
        foreach (long dim in dims)
            shape.Message(1, dim == -1 ? new WireMessage() : new WireMessage().Varint(1, dim));
        var tensor = new WireMessage().Varint(1, (int)type).Message(2, shape);
        return new WireMessage().Text(1, name).Message(2, new WireMessage().Message(1, tensor));
    }

    private static WireMessage Attribute(string name, object value)
    {
        var attribute = new WireMessage().Text(1, name);
        switch (value)
        {
            case float f:
                return attribute.Fixed32(2, f).Varint(20, 1);
            case long i:
                return attribute.Varint(3, i).Varint(20, 2);
            case string s:
                return attribute.Text(4, s).Varint(20, 3);
            case WireMessage tensor:
                return attribute.Message(5, tensor).Varint(20, 4);
            case float[] floats:
                foreach (float f in floats)
                    attribute.Fixed32(7, f);
                return attribute.Varint(20, 6);
            case long[] ints:
                foreach (long i in ints)
                    attribute.Varint(8, i);
                return attribute.Varint(20, 7);
            default:
                throw new ArgumentException($"{value.GetType()} is no kind of attribute", nameof(value));
        }
    }
}
