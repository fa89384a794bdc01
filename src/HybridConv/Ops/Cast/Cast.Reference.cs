using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace HybridConv.Ops.Cast;

internal partial class CastOp
{
    public override void Reference<T>(CastSpec spec, in Operands x) =>
        Convert<T>(spec, x.Input<byte>(0)[..(int)(spec.Count * Elements.SizeOf<T>(spec.From))], x.Output<byte>(0)[..(int)(spec.Count * Elements.SizeOf<T>(spec.To))]);

    /// <summary>Converts as many elements as the bytes hold.</summary>
    private static void Convert<T>(CastSpec spec, ReadOnlySpan<byte> x, Span<byte> y) where T : unmanaged, INumber<T>
    {
        switch (spec.From)
        {
            case ElementType.Float32: From<T, T>(spec.To, x, y); break;
            case ElementType.Float64: From<double, T>(spec.To, x, y); break;
            case ElementType.Float16: From<Half, T>(spec.To, x, y); break;
            case ElementType.Int64: From<long, T>(spec.To, x, y); break;
            case ElementType.Int32: From<int, T>(spec.To, x, y); break;
            case ElementType.Int16: From<short, T>(spec.To, x, y); break;
            case ElementType.Int8: From<sbyte, T>(spec.To, x, y); break;
            case ElementType.UInt64: From<ulong, T>(spec.To, x, y); break;
            case ElementType.UInt32: From<uint, T>(spec.To, x, y); break;
            case ElementType.UInt16: From<ushort, T>(spec.To, x, y); break;
            default: From<byte, T>(spec.To, x, y); break;
        }
    }

    private static void From<F, T>(ElementType to, ReadOnlySpan<byte> x, Span<byte> y) where F : unmanaged, INumber<F> where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<F> source = MemoryMarshal.Cast<byte, F>(x);
        switch (to)
        {
            case ElementType.Float32: Each(source, MemoryMarshal.Cast<byte, T>(y)); break;
            case ElementType.Float64: Each(source, MemoryMarshal.Cast<byte, double>(y)); break;
            case ElementType.Float16: Each(source, MemoryMarshal.Cast<byte, Half>(y)); break;
            case ElementType.Int64: Each(source, MemoryMarshal.Cast<byte, long>(y)); break;
            case ElementType.Int32: Each(source, MemoryMarshal.Cast<byte, int>(y)); break;
            case ElementType.Int16: Each(source, MemoryMarshal.Cast<byte, short>(y)); break;
            case ElementType.Int8: Each(source, MemoryMarshal.Cast<byte, sbyte>(y)); break;
            case ElementType.UInt64: Each(source, MemoryMarshal.Cast<byte, ulong>(y)); break;
            case ElementType.UInt32: Each(source, MemoryMarshal.Cast<byte, uint>(y)); break;
            case ElementType.UInt16: Each(source, MemoryMarshal.Cast<byte, ushort>(y)); break;
            case ElementType.UInt8: Each(source, MemoryMarshal.Cast<byte, byte>(y)); break;
            default: Truth(source, y); break;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Each<F, U>(ReadOnlySpan<F> source, Span<U> y) where F : unmanaged, INumber<F> where U : unmanaged, INumber<U>
    {
        bool saturate = typeof(F) == typeof(float) || typeof(F) == typeof(double) || typeof(F) == typeof(Half);
        for (int i = 0; i < source.Length; i++)
            y[i] = saturate ? U.CreateSaturating(source[i]) : U.CreateTruncating(source[i]);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Truth<F>(ReadOnlySpan<F> source, Span<byte> y) where F : unmanaged, INumber<F>
    {
        for (int i = 0; i < source.Length; i++)
            y[i] = F.IsZero(source[i]) ? (byte)0 : (byte)1;
    }
}
