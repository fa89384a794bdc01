using System.Globalization;
using HybridConv.Graphs;

namespace HybridConv.Onnx;

/// <summary>The element types of the ONNX standard by number (<c>TensorProto.DataType</c>).</summary>
internal static class DataTypes
{
    private static readonly string[] Names =
    [
        "undefined", "float32", "uint8", "int8", "uint16", "int16", "int32", "int64", "string", "bool", "float16", "float64", "uint32", "uint64",
        "complex64", "complex128", "bfloat16", "float8e4m3fn", "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4", "int4", "float4e2m1",
        "float8e8m0", "uint2", "int2",
    ];

    /// <summary>The element type that holds an ONNX type; <see cref="ElementType.None"/> when none does, or when it is text.</summary>
    public static ElementType Numeric(int dataType) =>
        dataType is >= (int)ElementType.Float32 and <= (int)ElementType.UInt64 && ((ElementType)dataType).Size() > 0 ? (ElementType)dataType : ElementType.None;

    /// <summary>The name used in messages.</summary>
    public static string Label(int dataType) =>
        (uint)dataType < (uint)Names.Length ? Names[dataType] : string.Create(CultureInfo.InvariantCulture, $"the unknown element type {dataType}");
}
