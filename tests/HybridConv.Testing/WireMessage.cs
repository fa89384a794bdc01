using System.Buffers.Binary;
using System.Text;

namespace HybridConv.Testing;

/// <summary>
/// A protobuf message, written field by field with no schema, so that tests can write what no library would. Independent of the code under test.
/// </summary>
public sealed class WireMessage
{
    private readonly MemoryStream bytes = new();

    /// <summary>The bytes so far.</summary>
    public byte[] ToArray() => bytes.ToArray();

    /// <summary>A field of wire type 0.</summary>
    public WireMessage Varint(int field, long value) => Tag(field, 0).Raw(VarintBytes((ulong)value));

    /// <summary>A field of wire type 5.</summary>
    public WireMessage Fixed32(int field, float value)
    {
        Span<byte> raw = stackalloc byte[4];
        BinaryPrimitives.WriteSingleLittleEndian(raw, value);
        return Tag(field, 5).Raw(raw);
    }

    /// <summary>A field of wire type 2.</summary>
    public WireMessage Bytes(int field, ReadOnlySpan<byte> value) => Tag(field, 2).Raw(VarintBytes((ulong)value.Length)).Raw(value);

    /// <summary>A field of wire type 2 that holds UTF-8.</summary>
    public WireMessage Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A field of wire type 2 that holds another message.</summary>
    public WireMessage Message(int field, WireMessage value) => Bytes(field, value.bytes.GetBuffer().AsSpan(0, (int)value.bytes.Length));

    /// <summary>One field per message.</summary>
    public WireMessage Messages(int field, IEnumerable<WireMessage> values)
    {
        foreach (WireMessage value in values)
            Message(field, value);
        return this;
    }

    /// <summary>The head of a field.</summary>
    public WireMessage Tag(int field, int wireType) => Raw(VarintBytes(((ulong)(uint)field << 3) | (uint)wireType));

    /// <summary>Bytes as they are.</summary>
    public WireMessage Raw(ReadOnlySpan<byte> value)
    {
        bytes.Write(value);
        return this;
    }

    private static byte[] VarintBytes(ulong value)
    {
        var raw = new List<byte>();
        for (; value >= 0x80; value >>= 7)
            raw.Add((byte)(value | 0x80));
        raw.Add((byte)value);
        return [.. raw];
    }
}
