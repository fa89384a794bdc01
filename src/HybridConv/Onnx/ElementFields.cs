using Google.Protobuf;
using static HybridConv.Onnx.FieldNumbers;

namespace HybridConv.Onnx;

/// <summary>Where the elements of one TensorProto message lie in the file. A tensor uses one field: raw_data, or the one for its element type.</summary>
internal readonly record struct ElementFields
{
    /// <summary>The contents of raw_data; empty when there is none.</summary>
    public ByteRange Raw { get; private init; }

    /// <summary>The contents of the last packed piece of the typed field.</summary>
    public ByteRange Typed { get; private init; }

    /// <summary>Bytes in all pieces of the typed field.</summary>
    public long TypedBytes { get; private init; }

    /// <summary>Whether the typed field is one packed piece of fixed-width numbers, which is what raw_data would be.</summary>
    public bool TypedArePlain { get; private init; }

    /// <summary>A field for another element type that holds elements; null when there is none.</summary>
    public string? OtherType { get; private init; }

    public bool IsEmpty => Raw.Length == 0 && TypedBytes == 0;

    public static ElementFields Locate(ReadOnlySpan<byte> file, ByteRange tensor, ElementType type)
    {
        int expected = FieldOf(type), pieces = 0;
        ByteRange raw = default, typed = default;
        long typedBytes = 0;
        string? other = null;
        for (var fields = new WireFields(file, tensor); fields.Next();)
        {
            bool packed = fields.Type == WireFormat.WireType.LengthDelimited;
            if (fields.IsBytes(RawData))
                raw = fields.Value;
            else if (fields.Number == expected)
            {
                typed = packed ? fields.Value : default;
                typedBytes += packed ? fields.Value.Length : sizeof(ulong);
                pieces++;
            }
            else if (fields.Number is FloatData or Int32Data or StringData or Int64Data or DoubleData or UInt64Data && !(packed && fields.Value.Length == 0))
                other = NameOf(fields.Number);
        }
        return new ElementFields
        {
            Raw = raw,
            Typed = typed,
            TypedBytes = typedBytes,
            TypedArePlain = pieces == 1 && typed.Length > 0 && (expected is FloatData or DoubleData),
            OtherType = other,
        };
    }

    private static int FieldOf(ElementType type) => type switch
    {
        ElementType.Float32 => FloatData,
        ElementType.Float64 => DoubleData,
        ElementType.Int64 => Int64Data,
        ElementType.UInt32 or ElementType.UInt64 => UInt64Data,
        _ => Int32Data,
    };

    private static string NameOf(int field) => field switch
    {
        FloatData => "float_data",
        Int32Data => "int32_data",
        StringData => "string_data",
        Int64Data => "int64_data",
        DoubleData => "double_data",
        _ => "uint64_data",
    };
}
