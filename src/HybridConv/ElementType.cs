namespace HybridConv;

/// <summary>The type of one element of a tensor. The numbers are those of ONNX's <c>TensorProto.DataType</c>.</summary>
public enum ElementType
{
    /// <summary>No type: an absent optional operand, or a type that is not known yet.</summary>
    None = 0,
    /// <summary>IEEE 754 binary32, <see cref="float"/>.</summary>
    Float32 = 1,
    /// <summary>Unsigned 8-bit integer, <see cref="byte"/>.</summary>
    UInt8 = 2,
    /// <summary>Signed 8-bit integer, <see cref="sbyte"/>.</summary>
    Int8 = 3,
    /// <summary>Unsigned 16-bit integer, <see cref="ushort"/>.</summary>
    UInt16 = 4,
    /// <summary>Signed 16-bit integer, <see cref="short"/>.</summary>
    Int16 = 5,
    /// <summary>Signed 32-bit integer, <see cref="int"/>.</summary>
    Int32 = 6,
    /// <summary>Signed 64-bit integer, <see cref="long"/>.</summary>
    Int64 = 7,
    /// <summary>Text. Never computed with.</summary>
    String = 8,
    /// <summary>One byte, 0 or 1, <see cref="bool"/>.</summary>
    Bool = 9,
    /// <summary>IEEE 754 binary16, <see cref="Half"/>. Widened to <see cref="Float32"/> when a model is loaded.</summary>
    Float16 = 10,
    /// <summary>IEEE 754 binary64, <see cref="double"/>.</summary>
    Float64 = 11,
    /// <summary>Unsigned 32-bit integer, <see cref="uint"/>.</summary>
    UInt32 = 12,
    /// <summary>Unsigned 64-bit integer, <see cref="ulong"/>.</summary>
    UInt64 = 13,
}
