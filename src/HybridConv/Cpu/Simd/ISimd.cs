namespace HybridConv.Cpu.Simd;

/// <summary>
/// One vector width: the operations on its lanes, and its way to and from memory. Kernels are written once over <typeparamref name="V"/> and compiled for each width;
/// <typeparamref name="V"/> is the runtime's own vector type (or float), so that accumulators live in registers.
/// </summary>
internal unsafe interface ISimd<V> : ILanewise<V> where V : struct
{
    /// <summary>Lanes.</summary>
    static abstract int Count { get; }

    /// <summary>Reads <see cref="Count"/> floats; no alignment is needed.</summary>
    static abstract V Load(float* p);

    /// <summary>Reads exactly <paramref name="n"/> floats, 0 to <see cref="Count"/>; the other lanes are +0.</summary>
    static abstract V LoadPartial(float* p, int n);

    /// <summary>One float in every lane.</summary>
    static abstract V Broadcast(float* p);

    static abstract void Store(V v, float* p);

    /// <summary>Writes exactly the first <paramref name="n"/> lanes, 0 to <see cref="Count"/>.</summary>
    static abstract void StorePartial(V v, float* p, int n);

    /// <summary>Lane i gets the lane of <paramref name="a"/> that the integer in lane i of <paramref name="lanes"/> names: 0 to <see cref="Count"/> - 1.</summary>
    static abstract V Permute(V a, V lanes);
}
