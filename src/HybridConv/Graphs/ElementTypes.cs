using System.Runtime.CompilerServices;

namespace HybridConv.Graphs;

/// <summary>Sizes and names of element types, and the .NET type that holds each.</summary>
internal static class ElementTypes
{
    /// <summary>Bytes of one element; 0 for <see cref="ElementType.None"/> and <see cref="ElementType.String"/>.</summary>
    public static int Size(this ElementType type) => type switch
    {
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool => 1,
        ElementType.UInt16 or ElementType.Int16 or ElementType.Float16 => 2,
        ElementType.Float32 or ElementType.Int32 or ElementType.UInt32 => 4,
        ElementType.Float64 or ElementType.Int64 or ElementType.UInt64 => 8,
        _ => 0,
    };

    public static bool IsFloat(this ElementType type) => type is ElementType.Float32 or ElementType.Float16 or ElementType.Float64;

    /// <summary>The name used in messages and JSON: <c>float32</c>, <c>int64</c>, <c>bool</c>, ...</summary>
    public static string Label(this ElementType type) => type.ToString().ToLowerInvariant();

    public static ElementType Of<T>() where T : unmanaged =>
        typeof(T) == typeof(float) ? ElementType.Float32 :
        typeof(T) == typeof(double) ? ElementType.Float64 :
        typeof(T) == typeof(Half) ? ElementType.Float16 :
        typeof(T) == typeof(long) ? ElementType.Int64 :
        typeof(T) == typeof(ulong) ? ElementType.UInt64 :
        typeof(T) == typeof(int) ? ElementType.Int32 :
        typeof(T) == typeof(uint) ? ElementType.UInt32 :
        typeof(T) == typeof(short) ? ElementType.Int16 :
        typeof(T) == typeof(ushort) ? ElementType.UInt16 :
        typeof(T) == typeof(sbyte) ? ElementType.Int8 :
        typeof(T) == typeof(byte) ? ElementType.UInt8 :
        typeof(T) == typeof(bool) ? ElementType.Bool :
        throw new ArgumentException($"{typeof(T)} is not an element type.");

    /// <summary>Whether spans of <typeparamref name="T"/> may view a tensor of <paramref name="type"/>.</summary>
    public static bool Holds<T>(this ElementType type) where T : unmanaged => type.Size() == Unsafe.SizeOf<T>() && Of<T>() == type;
}
