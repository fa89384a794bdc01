using Google.Protobuf;

namespace HybridConv.Onnx;

/// <summary>Where bytes lie in the file: a message, or the contents of a length-delimited field.</summary>
internal readonly record struct ByteRange(int Start, int Length)
{
    public int End => Start + Length;
}

/// <summary>
/// Walks the fields of one protobuf message without reading their contents: how the large parts of a model are located in place.
/// <code>for (var fields = new WireFields(bytes, range); fields.Next();) if (fields.IsBytes(7)) ... fields.Value</code>
/// </summary>
internal ref struct WireFields(ReadOnlySpan<byte> bytes, ByteRange message)
{
    /// <summary>Groups (a deprecated form of nesting, which ONNX does not use) may be skipped to this depth.</summary>
    private const int MaxGroupDepth = 64;

    private readonly ReadOnlySpan<byte> bytes = bytes;
    private readonly int end = message.End;
    private int position = message.Start;

    public int Number { get; private set; }
    public WireFormat.WireType Type { get; private set; }

    /// <summary>The contents of a length-delimited field.</summary>
    public ByteRange Value { get; private set; }

    public readonly bool IsBytes(int number) => Number == number && Type == WireFormat.WireType.LengthDelimited;

    /// <summary>Moves to the next field; false at the end of the message.</summary>
    /// <exception cref="WireException">The bytes are not fields.</exception>
    public bool Next()
    {
        if (position == end)
            return false;
        ReadTag();
        if (Type == WireFormat.WireType.StartGroup)
            SkipGroup();
        else
            SkipValue();
        return true;
    }

    private void ReadTag()
    {
        ulong tag = Varint();
        if (tag > uint.MaxValue || tag >> 3 == 0)
            throw new WireException("a field number is out of range", position);
        Number = (int)(tag >> 3);
        Type = (WireFormat.WireType)(tag & 7);
    }

    private void SkipValue()
    {
        switch (Type)
        {
            case WireFormat.WireType.Varint:
                Varint();
                break;
            case WireFormat.WireType.Fixed64:
                Advance(8);
                break;
            case WireFormat.WireType.Fixed32:
                Advance(4);
                break;
            case WireFormat.WireType.LengthDelimited:
                ulong length = Varint();
                int start = position;
                Advance(length);
                Value = new ByteRange(start, (int)length);
                break;
            default:
                throw new WireException($"the wire type {(int)Type} does not exist or has no beginning", position);
        }
    }

    private void SkipGroup()
    {
        int group = Number;
        for (int depth = 1; depth > 0;)
        {
            ReadTag();
            if (Type == WireFormat.WireType.StartGroup)
            {
                if (++depth > MaxGroupDepth)
                    throw new WireException($"groups are nested deeper than {MaxGroupDepth}", position);
            }
            else if (Type == WireFormat.WireType.EndGroup)
                depth--;
            else
                SkipValue();
        }
        Number = group;
        Type = WireFormat.WireType.StartGroup;
    }

    private ulong Varint()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            if (position == end)
                throw new WireException("a number is cut off", position);
            byte next = bytes[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return value;
        }
        throw new WireException("a number is longer than ten bytes", position);
    }

    private void Advance(ulong count)
    {
        if (count > (ulong)(end - position))
            throw new WireException($"a field of {count} bytes does not fit into the {end - position} that are left", position);
        position += (int)count;
    }
}

/// <summary>Bytes that are not protobuf fields, and where.</summary>
internal sealed class WireException(string message, int position) : Exception(message)
{
    public int Position => position;
}
