using System.Buffers.Binary;

namespace HybridConv.Testing;

/// <summary>The ONNX messages that <see cref="WireTree"/> looks into; everything else is bytes.</summary>
public enum OnnxMessage
{
    /// <summary>Not looked into.</summary>
    Opaque,
    Model,
    Opset,
    Graph,
    Node,
    Attribute,
    Tensor,
    ValueInfo,
    Type,
    TensorType,
    Shape,
    Dimension,
}

/// <summary>
/// An ONNX file as a tree of fields that may be changed at will and written again. Knows which fields are messages and nothing else about them.
/// </summary>
public sealed class WireTree(OnnxMessage kind)
{
    /// <summary>What the message is.</summary>
    public OnnxMessage Kind => kind;

    /// <summary>The fields, in order; repeated numbers are one field per element.</summary>
    public List<WireField> Fields { get; } = [];

    /// <summary>The fields of one number.</summary>
    public IEnumerable<WireField> Of(int number) => Fields.Where(f => f.Number == number);

    /// <summary>This message and every message in it.</summary>
    public IEnumerable<WireTree> All()
    {
        yield return this;
        foreach (WireTree child in Fields.Where(f => f.Message is not null).SelectMany(f => f.Message!.All()))
            yield return child;
    }

    /// <exception cref="InvalidDataException">The bytes are not protobuf.</exception>
    public static WireTree Parse(ReadOnlySpan<byte> bytes, OnnxMessage kind = OnnxMessage.Model)
    {
        var tree = new WireTree(kind);
        while (!bytes.IsEmpty)
        {
            ulong tag = Varint(ref bytes);
            int number = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    tree.Fields.Add(WireField.Of(number, Varint(ref bytes)));
                    break;
                case 1:
                    tree.Fields.Add(new WireField(number, 1) { Bytes = Take(ref bytes, 8) });
                    break;
                case 2:
                    tree.AddDelimited(number, Take(ref bytes, Varint(ref bytes)));
                    break;
                case 5:
                    tree.Fields.Add(new WireField(number, 5) { Bytes = Take(ref bytes, 4) });
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7}");
            }
        }
        return tree;
    }

    /// <summary>The bytes of the message.</summary>
    public byte[] ToArray() => ToMessage().ToArray();

    private WireMessage ToMessage()
    {
        var message = new WireMessage();
        foreach (WireField field in Fields)
            switch (field.WireType)
            {
                case 0:
                    message.Varint(field.Number, (long)field.Value);
                    break;
                case 2:
                    message.Bytes(field.Number, field.Message?.ToArray() ?? field.Bytes);
                    break;
                default:
                    message.Tag(field.Number, field.WireType).Raw(field.Bytes);
                    break;
            }
        return message;
    }

    private void AddDelimited(int number, byte[] bytes)
    {
        if (Child(kind, number) is var child && child != OnnxMessage.Opaque)
            Fields.Add(new WireField(number, 2) { Message = Parse(bytes, child) });
        else if ((kind, number) is (OnnxMessage.Tensor, 1) or (OnnxMessage.Attribute, 8))
            for (ReadOnlySpan<byte> packed = bytes; !packed.IsEmpty;)
                Fields.Add(WireField.Of(number, Varint(ref packed)));
        else
            Fields.Add(new WireField(number, 2) { Bytes = bytes });
    }

    private static OnnxMessage Child(OnnxMessage kind, int number) => (kind, number) switch
    {
        (OnnxMessage.Model, 7) => OnnxMessage.Graph,
        (OnnxMessage.Model, 8) => OnnxMessage.Opset,
        (OnnxMessage.Graph, 1) => OnnxMessage.Node,
        (OnnxMessage.Graph, 5) => OnnxMessage.Tensor,
        (OnnxMessage.Graph, 11 or 12) => OnnxMessage.ValueInfo,
        (OnnxMessage.Node, 5) => OnnxMessage.Attribute,
        (OnnxMessage.Attribute, 5) => OnnxMessage.Tensor,
        (OnnxMessage.ValueInfo, 2) => OnnxMessage.Type,
        (OnnxMessage.Type, 1) => OnnxMessage.TensorType,
        (OnnxMessage.TensorType, 2) => OnnxMessage.Shape,
        (OnnxMessage.Shape, 1) => OnnxMessage.Dimension,
        _ => OnnxMessage.Opaque,
    };

    private static ulong Varint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < bytes.Length && i < 10; i++)
        {
            value |= (ulong)(bytes[i] & 0x7F) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return value;
            }
        }
        throw new InvalidDataException("a varint does not end");
    }

    private static byte[] Take(ref ReadOnlySpan<byte> bytes, ulong count)
    {
        if (count > (ulong)bytes.Length)
            throw new InvalidDataException("a field reaches over the end");
        byte[] taken = bytes[..(int)count].ToArray();
        bytes = bytes[(int)count..];
        return taken;
    }
}

/// <summary>One field of a <see cref="WireTree"/>: a number, bytes, or a message.</summary>
/// <param name="Number">The field's number.</param>
/// <param name="WireType">0 for <see cref="Value"/>, 1 and 5 for fixed <see cref="Bytes"/>, 2 for <see cref="Bytes"/> or <see cref="Message"/>.</param>
public sealed record WireField(int Number, int WireType)
{
    public ulong Value { get; set; }
    public byte[] Bytes { get; set; } = [];
    public WireTree? Message { get; init; }

    /// <summary>A field of wire type 0.</summary>
    public static WireField Of(int number, ulong value) => new(number, 0) { Value = value };

    /// <summary>A field that holds text.</summary>
    public static WireField Of(int number, string text) => new(number, 2) { Bytes = System.Text.Encoding.UTF8.GetBytes(text) };

    /// <summary>A field that holds a 32-bit float.</summary>
    public static WireField Of(int number, float value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(bytes, value);
        return new WireField(number, 5) { Bytes = bytes };
    }
}
