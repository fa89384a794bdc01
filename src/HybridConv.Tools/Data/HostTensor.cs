using System.Runtime.InteropServices;
using HybridConv.Graphs;

namespace HybridConv.Tools.Data;

/// <summary>A dense tensor in ordinary memory: what is read from and written to files, and compared.</summary>
/// <param name="Name">The name that the file gives it; empty where it gives none.</param>
/// <param name="Type">The element type.</param>
/// <param name="Shape">The sizes.</param>
/// <param name="Bytes">The elements in order, little-endian.</param>
internal sealed record HostTensor(string Name, ElementType Type, long[] Shape, ReadOnlyMemory<byte> Bytes)
{
    public int Count => Type.Size() == 0 ? 0 : Bytes.Length / Type.Size();

    public ReadOnlySpan<T> Elements<T>() where T : unmanaged => MemoryMarshal.Cast<byte, T>(Bytes.Span);

    public static HostTensor Of<T>(string name, long[] shape, ReadOnlySpan<T> elements) where T : unmanaged =>
        new(name, ElementTypes.Of<T>(), shape, MemoryMarshal.AsBytes(elements).ToArray());

    /// <summary>The elements as doubles, which hold every element type's values except the largest 64-bit integers exactly.</summary>
    public double[] ToDoubles()
    {
        return Type switch
        {
            ElementType.Float32 => Widen<float>(),
            ElementType.Float64 => Widen<double>(),
            ElementType.Float16 => Widen<Half>(),
            ElementType.Int64 => Widen<long>(),
            ElementType.UInt64 => Widen<ulong>(),
            ElementType.Int32 => Widen<int>(),
            ElementType.UInt32 => Widen<uint>(),
            ElementType.Int16 => Widen<short>(),
            ElementType.UInt16 => Widen<ushort>(),
            ElementType.Int8 => Widen<sbyte>(),
            ElementType.UInt8 or ElementType.Bool => Widen<byte>(),
            _ => throw new UsageException($"a tensor of {Type.Label()} holds no numbers"),
        };

        double[] Widen<T>() where T : unmanaged, System.Numerics.INumberBase<T>
        {
            ReadOnlySpan<T> source = Elements<T>();
            var doubles = new double[source.Length];
            for (int i = 0; i < doubles.Length; i++)
                doubles[i] = double.CreateTruncating(source[i]);
            return doubles;
        }
    }

    public string ShapeText => $"[{string.Join(',', Shape)}]";
}
