using System.Numerics;

namespace HybridConv.Ops.Cast;

internal sealed partial class CastOp
{
    public override void Reference<T>(CastSpec spec, in Operands x)
    {
        switch (spec.From)
        {
            case ElementType.Float32: From<T, T>(spec, x); break;
            case ElementType.Float64: From<double, T>(spec, x); break;
            case ElementType.Float16: From<Half, T>(spec, x); break;
            case ElementType.Int64: From<long, T>(spec, x); break;
            case ElementType.Int32: From<int, T>(spec, x); break;
            case ElementType.Int16: From<short, T>(spec, x); break;
            case ElementType.Int8: From<sbyte, T>(spec, x); break;
            case ElementType.UInt64: From<ulong, T>(spec, x); break;
            case ElementType.UInt32: From<uint, T>(spec, x); break;
            case ElementType.UInt16: From<ushort, T>(spec, x); break;
            default: From<byte, T>(spec, x); break;
        }
    }

    private static void From<F, T>(CastSpec spec, in Operands x) where F : unmanaged, INumber<F> where T : unmanaged, INumber<T>
    {
        ReadOnlySpan<F> source = x.Input<F>(0)[..(int)spec.Count];
        switch (spec.To)
        {
            case ElementType.Float32: Each(source, x.Output<T>(0)); break;
            case ElementType.Float64: Each(source, x.Output<double>(0)); break;
            case ElementType.Float16: Each(source, x.Output<Half>(0)); break;
            case ElementType.Int64: Each(source, x.Output<long>(0)); break;
            case ElementType.Int32: Each(source, x.Output<int>(0)); break;
            case ElementType.Int16: Each(source, x.Output<short>(0)); break;
            case ElementType.Int8: Each(source, x.Output<sbyte>(0)); break;
            case ElementType.UInt64: Each(source, x.Output<ulong>(0)); break;
            case ElementType.UInt32: Each(source, x.Output<uint>(0)); break;
            case ElementType.UInt16: Each(source, x.Output<ushort>(0)); break;
            case ElementType.UInt8: Each(source, x.Output<byte>(0)); break;
            default: Truth(source, x.Output<byte>(0)); break;
        }
    }

    private static void Each<F, U>(ReadOnlySpan<F> source, Span<U> y) where F : unmanaged, INumber<F> where U : unmanaged, INumber<U>
    {
        bool saturate = typeof(F) == typeof(float) || typeof(F) == typeof(double) || typeof(F) == typeof(Half);
        for (int i = 0; i < source.Length; i++)
            y[i] = saturate ? U.CreateSaturating(source[i]) : U.CreateTruncating(source[i]);
    }

    private static void Truth<F>(ReadOnlySpan<F> source, Span<byte> y) where F : unmanaged, INumber<F>
    {
        for (int i = 0; i < source.Length; i++)
            y[i] = F.IsZero(source[i]) ? (byte)0 : (byte)1;
    }
}
