using System.Runtime.InteropServices;
using Google.Protobuf;
using HybridConv.Graphs;
using HybridConv.Onnx.Proto;

namespace HybridConv.Onnx;

/// <summary>A tensor as found in a file: its data, or a sentence that says why it cannot be read.</summary>
internal readonly record struct FoundTensor(string Name, Tensor? Tensor, string Why);

/// <summary>
/// Makes tensors of the TensorProto messages in a file. Elements that are stored as plain bytes stay in the file until they are asked for;
/// only those in other encodings (varints, truth values) are decoded at once.
/// </summary>
internal sealed class TensorReader(ModelBytes bytes, ExternalData external, ModelOptions options)
{
    private const int StoredExternally = 1;

    private static readonly MessageParser<TensorHeader> HeaderParser = TensorHeader.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<TensorProto> ElementParser = TensorProto.Parser.WithDiscardUnknownFields(true);

    /// <param name="file">All bytes of the file.</param>
    /// <param name="range">Where the message lies.</param>
    /// <param name="where">How errors call the tensor; null to use its own name.</param>
    /// <param name="origin">Gives the tensor its origin (see <see cref="Tensor.Origin"/>) from its own name.</param>
    public FoundTensor Read(ReadOnlySpan<byte> file, ByteRange range, string? where, Func<string, string> origin)
    {
        TensorHeader header = HeaderParser.ParseFrom(file.Slice(range.Start, range.Length));
        where ??= $"initializer '{header.Name}'";
        ElementType type = DataTypes.Numeric(header.DataType);
        if (type == ElementType.None)
            return new FoundTensor(header.Name, null, $"{where} holds {DataTypes.Label(header.DataType)}, which is not supported");
        if (header.Segment is not null)
            return new FoundTensor(header.Name, null, $"{where} is stored in segments, which is not supported");

        Shape shape = ShapeOf(header, type, where);
        ElementFields fields = ElementFields.Locate(file, range, type);
        if (fields.OtherType is { } other)
            throw new ModelFormatException($"holds {type.Label()}, but its elements are in {other}", where);
        Tensor tensor = header.DataLocation switch
        {
            0 => InModel(file, range, fields, type, shape, where, origin(header.Name)),
            StoredExternally when fields.IsEmpty => Outside(header, type, shape, where, origin(header.Name)),
            StoredExternally => throw new ModelFormatException("has external data, and data in the model too", where),
            _ => throw new ModelFormatException($"the data location {header.DataLocation} does not exist", where),
        };
        return new FoundTensor(header.Name, tensor, "");
    }

    private Shape ShapeOf(TensorHeader header, ElementType type, string where)
    {
        Shape shape;
        try
        {
            shape = new Shape([.. header.Dims]);
        }
        catch (ShapeException e)
        {
            throw new ModelFormatException(e.Message, where, inner: e);
        }
        long most = Math.Min(options.MaxTensorBytes, Array.MaxLength);
        return shape.Elements <= most / type.Size()
            ? shape
            : throw new ResourceLimitException($"{where}: {shape} of {type.Label()} is larger than the limit of {most} bytes for one tensor");
    }

    private StoredTensor Outside(TensorHeader header, ElementType type, Shape shape, string where, string origin)
    {
        (ModelBytes source, long offset) = external.Locate(header.ExternalData, shape.Elements * type.Size(), where);
        return new StoredTensor(type, shape, origin, source, offset);
    }

    private Tensor InModel(ReadOnlySpan<byte> file, ByteRange range, ElementFields fields, ElementType type, Shape shape, string where, string origin)
    {
        if (fields.Raw.Length > 0 && fields.TypedBytes > 0)
            throw new ModelFormatException("has both raw_data and typed elements", where);
        int size = (int)(shape.Elements * type.Size());
        if (fields.TypedBytes == 0 || fields.TypedArePlain)
        {
            ByteRange plain = fields.TypedBytes == 0 ? fields.Raw : fields.Typed;
            if (plain.Length != size)
                throw new ModelFormatException($"{shape} of {type.Label()} takes {size} bytes, and {plain.Length} are given", where);
            return type == ElementType.Bool
                ? Tensor.From(Truths(file.Slice(plain.Start, size)), shape, origin)
                : new StoredTensor(type, shape, origin, bytes, plain.Start);
        }
        if (shape.Elements > fields.TypedBytes)
            throw new ModelFormatException($"{shape} has {shape.Elements} elements, and the {fields.TypedBytes} bytes given cannot hold them", where);
        byte[] elements = Decode(ElementParser.ParseFrom(file.Slice(range.Start, range.Length)), type, where);
        return elements.Length == size
            ? Tensor.From(type, shape, origin, elements)
            : throw new ModelFormatException($"{shape} has {shape.Elements} elements, and {elements.Length / type.Size()} are given", where);
    }

    private static bool[] Truths(ReadOnlySpan<byte> bytes)
    {
        var truths = new bool[bytes.Length];
        for (int i = 0; i < truths.Length; i++)
            truths[i] = bytes[i] != 0;
        return truths;
    }

    private static byte[] Decode(TensorProto tensor, ElementType type, string where)
    {
        try
        {
            return type switch
            {
                ElementType.Float32 => Bytes(tensor.FloatData, x => x),
                ElementType.Float64 => Bytes(tensor.DoubleData, x => x),
                ElementType.Int64 => Bytes(tensor.Int64Data, x => x),
                ElementType.UInt64 => Bytes(tensor.Uint64Data, x => x),
                ElementType.UInt32 => Bytes(tensor.Uint64Data, x => checked((uint)x)),
                ElementType.Int32 => Bytes(tensor.Int32Data, x => x),
                ElementType.Int16 => Bytes(tensor.Int32Data, x => checked((short)x)),
                ElementType.Int8 => Bytes(tensor.Int32Data, x => checked((sbyte)x)),
                ElementType.UInt16 or ElementType.Float16 => Bytes(tensor.Int32Data, x => checked((ushort)x)),
                ElementType.UInt8 => Bytes(tensor.Int32Data, x => checked((byte)x)),
                ElementType.Bool => Bytes(tensor.Int32Data, x => x != 0),
                _ => throw new InvalidOperationException($"{type} has no typed elements."),
            };
        }
        catch (OverflowException e)
        {
            throw new ModelFormatException($"an element is outside the range of {type.Label()}", where, inner: e);
        }
    }

    private static byte[] Bytes<TStored, T>(IReadOnlyList<TStored> stored, Func<TStored, T> narrow) where T : unmanaged
    {
        var elements = new T[stored.Count];
        for (int i = 0; i < elements.Length; i++)
            elements[i] = narrow(stored[i]);
        return MemoryMarshal.AsBytes<T>(elements).ToArray();
    }

    /// <summary>A tensor whose elements lie, as plain little-endian bytes, in a file.</summary>
    private sealed class StoredTensor(ElementType type, Shape shape, string origin, ModelBytes source, long offset) : Tensor(type, shape, origin)
    {
        public override ReadOnlyMemory<byte> Data => source.Slice(offset, (int)Bytes);

        public override LentBytes Lend() => source.Lend(offset, (int)Bytes);
    }
}
