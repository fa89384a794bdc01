using System.Runtime.CompilerServices;

namespace HybridConv.Cpu.Simd;

/// <summary>Two vectors that are taken through the same operations.</summary>
internal readonly struct Twin<V> where V : struct
{
    public readonly V A, B;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Twin(V a, V b)
    {
        A = a;
        B = b;
    }
}

/// <summary>
/// The operations of <typeparamref name="S"/> on two vectors at a time. A long chain of operations leaves a processor waiting for each result; two chains, operation by
/// operation, fill the gaps and share their constants.
/// </summary>
internal readonly struct Twins<S, V> : ILanewise<Twin<V>> where S : struct, ILanewise<V> where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twin<V> Create(float x)
    {
        V v = S.Create(x);
        return new(v, v);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Twin<V> CreateBits(int bits)
    {
        V v = S.CreateBits(bits);
        return new(v, v);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Add(Twin<V> a, Twin<V> b) => new(S.Add(a.A, b.A), S.Add(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Sub(Twin<V> a, Twin<V> b) => new(S.Sub(a.A, b.A), S.Sub(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Mul(Twin<V> a, Twin<V> b) => new(S.Mul(a.A, b.A), S.Mul(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Div(Twin<V> a, Twin<V> b) => new(S.Div(a.A, b.A), S.Div(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Sqrt(Twin<V> a) => new(S.Sqrt(a.A), S.Sqrt(a.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> ScaleByPowerOfTwo(Twin<V> a, Twin<V> n) => new(S.ScaleByPowerOfTwo(a.A, n.A), S.ScaleByPowerOfTwo(a.B, n.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Fma(Twin<V> a, Twin<V> b, Twin<V> addend) => new(S.Fma(a.A, b.A, addend.A), S.Fma(a.B, b.B, addend.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Max(Twin<V> a, Twin<V> b) => new(S.Max(a.A, b.A), S.Max(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Min(Twin<V> a, Twin<V> b) => new(S.Min(a.A, b.A), S.Min(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Abs(Twin<V> a) => new(S.Abs(a.A), S.Abs(a.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Negate(Twin<V> a) => new(S.Negate(a.A), S.Negate(a.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> LessThan(Twin<V> a, Twin<V> b) => new(S.LessThan(a.A, b.A), S.LessThan(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Equal(Twin<V> a, Twin<V> b) => new(S.Equal(a.A, b.A), S.Equal(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Select(Twin<V> mask, Twin<V> whenSet, Twin<V> otherwise) => new(S.Select(mask.A, whenSet.A, otherwise.A), S.Select(mask.B, whenSet.B, otherwise.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> And(Twin<V> a, Twin<V> b) => new(S.And(a.A, b.A), S.And(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Or(Twin<V> a, Twin<V> b) => new(S.Or(a.A, b.A), S.Or(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> Xor(Twin<V> a, Twin<V> b) => new(S.Xor(a.A, b.A), S.Xor(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> AddInt(Twin<V> a, Twin<V> b) => new(S.AddInt(a.A, b.A), S.AddInt(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> SubInt(Twin<V> a, Twin<V> b) => new(S.SubInt(a.A, b.A), S.SubInt(a.B, b.B));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> ShiftLeft(Twin<V> a, int bits) => new(S.ShiftLeft(a.A, bits), S.ShiftLeft(a.B, bits));
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static Twin<V> ShiftRight(Twin<V> a, int bits) => new(S.ShiftRight(a.A, bits), S.ShiftRight(a.B, bits));
}
