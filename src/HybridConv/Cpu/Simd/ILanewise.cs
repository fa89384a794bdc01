namespace HybridConv.Cpu.Simd;

/// <summary>
/// Operations on each lane of a vector alone: what functions of numbers are written with. Every operation rounds once, so the same source gives the same bits on every
/// width. Masks are vectors whose lanes have all bits set or none.
/// </summary>
internal interface ILanewise<V> where V : struct
{
    static abstract V Create(float x);

    /// <summary>Lanes with these bits; for masks and integer constants.</summary>
    static abstract V CreateBits(int bits);

    static abstract V Add(V a, V b);
    static abstract V Sub(V a, V b);
    static abstract V Mul(V a, V b);
    static abstract V Div(V a, V b);
    static abstract V Sqrt(V a);

    /// <summary>a * 2^n, rounded once, for a number near 1 and a whole <paramref name="n"/> from -151 to 129, both as floats; NaN gives NaN.</summary>
    static abstract V ScaleByPowerOfTwo(V a, V n);

    /// <summary>a * b + addend, rounded once. Emulated where the machine has no such instruction.</summary>
    static abstract V Fma(V a, V b, V addend);

    /// <summary>The larger; NaN where <paramref name="b"/> is NaN. <paramref name="a"/> must not be NaN: the bound goes first, the data second.</summary>
    static abstract V Max(V a, V b);

    /// <summary>The smaller; NaN where <paramref name="b"/> is NaN. <paramref name="a"/> must not be NaN.</summary>
    static abstract V Min(V a, V b);

    static abstract V Abs(V a);
    static abstract V Negate(V a);

    /// <summary>A mask; false where an operand is NaN.</summary>
    static abstract V LessThan(V a, V b);

    /// <summary>A mask; false where an operand is NaN, so <c>Equal(x, x)</c> tells numbers from NaN.</summary>
    static abstract V Equal(V a, V b);

    /// <summary><paramref name="whenSet"/> where the mask is set, else <paramref name="otherwise"/>.</summary>
    static abstract V Select(V mask, V whenSet, V otherwise);

    static abstract V And(V a, V b);
    static abstract V Or(V a, V b);
    static abstract V Xor(V a, V b);

    /// <summary>Adds the lanes' bits as 32-bit integers, wrapping.</summary>
    static abstract V AddInt(V a, V b);

    static abstract V SubInt(V a, V b);

    /// <summary>Shifts the lanes' bits as 32-bit integers.</summary>
    static abstract V ShiftLeft(V a, int bits);

    /// <summary>Shifts the lanes' bits as signed 32-bit integers: the sign is repeated.</summary>
    static abstract V ShiftRight(V a, int bits);
}
