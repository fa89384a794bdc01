namespace HybridConv.Cpu.Simd;

/// <summary>
/// The operations of one vector width. Kernels are written once over <typeparamref name="V"/> and compiled for each width; <typeparamref name="V"/> is
/// the runtime's own vector type (or float), so that accumulators live in registers. Every operation acts on each lane alone and rounds
/// once, so the same source gives the same bits on every width. Masks are vectors whose lanes have all bits set or none.
/// </summary>
internal unsafe interface ISimd<V> where V : struct
{
    /// <summary>Lanes.</summary>
    static abstract int Count { get; }

    static abstract V Create(float x);

    /// <summary>Lanes with these bits; for masks and integer constants.</summary>
    static abstract V CreateBits(int bits);

    /// <summary>Reads <see cref="Count"/> floats; no alignment is needed.</summary>
    static abstract V Load(float* p);

    /// <summary>Reads exactly <paramref name="n"/> floats, 0 to <see cref="Count"/>; the other lanes are +0.</summary>
    static abstract V LoadPartial(float* p, int n);

    /// <summary>One float in every lane.</summary>
    static abstract V Broadcast(float* p);

    static abstract void Store(V v, float* p);

    /// <summary>Writes exactly the first <paramref name="n"/> lanes, 0 to <see cref="Count"/>.</summary>
    static abstract void StorePartial(V v, float* p, int n);

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

    /// <summary>Lane i gets the lane of <paramref name="a"/> that the integer in lane i of <paramref name="lanes"/> names: 0 to <see cref="Count"/> - 1.</summary>
    static abstract V Permute(V a, V lanes);

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
