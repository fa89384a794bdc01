using System.Numerics;
using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>A part of an operator's reference that is generic over the integer type.</summary>
internal interface IIntegerCode
{
    void Run<T>(in Operands x) where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T>;
}

/// <summary>Runs code that is generic over the integer type for an element type.</summary>
internal static class IntegerTypes
{
    public static bool Contains(ElementType type) => type is
        ElementType.Int8 or ElementType.Int16 or ElementType.Int32 or ElementType.Int64 or
        ElementType.UInt8 or ElementType.UInt16 or ElementType.UInt32 or ElementType.UInt64;

    public static void Run<TCode>(ElementType type, TCode code, in Operands x) where TCode : struct, IIntegerCode
    {
        switch (type)
        {
            case ElementType.Int8: code.Run<sbyte>(x); break;
            case ElementType.Int16: code.Run<short>(x); break;
            case ElementType.Int32: code.Run<int>(x); break;
            case ElementType.Int64: code.Run<long>(x); break;
            case ElementType.UInt8: code.Run<byte>(x); break;
            case ElementType.UInt16: code.Run<ushort>(x); break;
            case ElementType.UInt32: code.Run<uint>(x); break;
            case ElementType.UInt64: code.Run<ulong>(x); break;
            default: throw new ArgumentOutOfRangeException(nameof(type), type, "not an integer type");
        }
    }

    /// <summary>The only element of a tensor.</summary>
    public static Int128 Single(Tensor tensor) => tensor.Type switch
    {
        ElementType.Int8 => tensor.ToArray<sbyte>()[0],
        ElementType.Int16 => tensor.ToArray<short>()[0],
        ElementType.Int32 => tensor.ToArray<int>()[0],
        ElementType.Int64 => tensor.ToArray<long>()[0],
        ElementType.UInt8 => tensor.ToArray<byte>()[0],
        ElementType.UInt16 => tensor.ToArray<ushort>()[0],
        ElementType.UInt32 => tensor.ToArray<uint>()[0],
        ElementType.UInt64 => tensor.ToArray<ulong>()[0],
        ElementType other => throw new ArgumentOutOfRangeException(nameof(tensor), other, "not an integer type"),
    };
}
