using System.Runtime.InteropServices;
using HybridConv.Graphs;

namespace HybridConv.Conformance;

/// <summary>Elements of any type in bytes, read and written as floats: the numbers of cases are such that their types hold them exactly.</summary>
internal static class TypedBytes
{
    public static float Read(ReadOnlySpan<byte> memory, ElementType type, long index)
    {
        ReadOnlySpan<byte> at = memory[(int)(index * type.Size())..];
        return type switch
        {
            ElementType.Float32 => MemoryMarshal.Read<float>(at),
            ElementType.Int64 => MemoryMarshal.Read<long>(at),
            ElementType.Int32 => MemoryMarshal.Read<int>(at),
            ElementType.UInt8 or ElementType.Bool => at[0],
            _ => throw new ArgumentException($"cases have no {type.Label()}"),
        };
    }

    public static void Write(Span<byte> memory, ElementType type, long index, float number)
    {
        Span<byte> at = memory[(int)(index * type.Size())..];
        switch (type)
        {
            case ElementType.Float32: MemoryMarshal.Write(at, number); break;
            case ElementType.Int64: MemoryMarshal.Write(at, (long)number); break;
            case ElementType.Int32: MemoryMarshal.Write(at, (int)number); break;
            case ElementType.UInt8 or ElementType.Bool: at[0] = (byte)number; break;
            default: throw new ArgumentException($"cases have no {type.Label()}");
        }
    }

    /// <summary>Numbers in dense order.</summary>
    public static byte[] Of(float[] numbers, ElementType type)
    {
        var bytes = new byte[numbers.Length * type.Size()];
        for (int i = 0; i < numbers.Length; i++)
            Write(bytes, type, i, numbers[i]);
        return bytes;
    }
}
