using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Ops.Reduce;

/// <summary>The sums of <see cref="SumTree{T}"/> on vectors: lanes of the tree are independent chains, so any number of them may run side by side.</summary>
internal static unsafe class VectorSumTree
{
    private const int Lanes = SumTree<float>.Lanes, Block = SumTree<float>.Lanes * SumTree<float>.Rows;

    /// <summary>The sum of <paramref name="n"/> contiguous floats: as many lanes of the tree at a time as a vector holds.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Contiguous<S, V>(float* x, nint n) where S : struct, ISimd<V> where V : struct
    {
        float* lanes = stackalloc float[Lanes];
        for (int lane = 0; lane < Lanes; lane += S.Count)
        {
            V total = S.Create(0);
            for (nint start = 0; start < n; start += Block)
            {
                V block = S.Create(0);
                nint i = start + lane, end = Math.Min(n, start + Block);
                for (; i + S.Count <= end; i += Lanes)
                    block = S.Add(block, S.Load(x + i));
                if (i < end)
                    block = S.Add(block, S.LoadPartial(x + i, (int)(end - i)));
                total = S.Add(total, block);
            }
            S.Store(total, lanes + lane);
        }
        for (int half = Lanes / 2; half > 0; half /= 2)
            for (int lane = 0; lane < half; lane++)
                lanes[lane] += lanes[lane + half];
        return lanes[0];
    }

    /// <summary>The sums of the first <paramref name="width"/> columns, up to a vector of them, over <paramref name="n"/> rows.</summary>
    /// <param name="x">The first row's first column.</param>
    /// <param name="stride">Floats between rows.</param>
    /// <param name="n">Rows.</param>
    /// <param name="width">Columns, 1 to a vector.</param>
    /// <param name="totals">Working memory: 16 vectors.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static V Columns<S, V>(float* x, nint stride, nint n, int width, float* totals) where S : struct, ISimd<V> where V : struct
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            V total = S.Create(0);
            for (nint start = 0; start < n; start += Block)
            {
                V block = S.Create(0);
                nint end = Math.Min(n, start + Block);
                if (width == S.Count)
                    for (nint i = start + lane; i < end; i += Lanes)
                        block = S.Add(block, S.Load(x + i * stride));
                else
                    for (nint i = start + lane; i < end; i += Lanes)
                        block = S.Add(block, S.LoadPartial(x + i * stride, width));
                total = S.Add(total, block);
            }
            S.Store(total, totals + lane * S.Count);
        }
        for (int half = Lanes / 2; half > 0; half /= 2)
            for (int lane = 0; lane < half; lane++)
                S.Store(S.Add(S.Load(totals + lane * S.Count), S.Load(totals + (lane + half) * S.Count)), totals + lane * S.Count);
        return S.Load(totals);
    }
}

/// <summary>Largest elements on vectors. NaN anywhere gives NaN; the order does not matter to the others.</summary>
internal static unsafe class VectorMax
{
    /// <summary>The largest of <paramref name="n"/> contiguous floats: the last vector may overlap the one before; runs shorter than a vector are walked one by one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Contiguous<S, V>(float* x, nint n) where S : struct, ISimd<V> where V : struct
    {
        if (n < S.Count)
        {
            float single = float.NegativeInfinity;
            for (nint k = 0; k < n; k++)
                single = SimdMath.Max<Scalar, float>(single, x[k]);
            return single;
        }
        V largest = S.Load(x);
        for (nint i = S.Count; i <= n - S.Count; i += S.Count)
            largest = SimdMath.Max<S, V>(largest, S.Load(x + i));
        largest = SimdMath.Max<S, V>(largest, S.Load(x + n - S.Count));
        float* lanes = stackalloc float[16];
        S.Store(largest, lanes);
        for (int half = S.Count / 2; half > 0; half /= 2)
            for (int lane = 0; lane < half; lane++)
                lanes[lane] = SimdMath.Max<Scalar, float>(lanes[lane], lanes[lane + half]);
        return lanes[0];
    }

    /// <summary>As <see cref="VectorSumTree.Columns{S, V}"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static V Columns<S, V>(float* x, nint stride, nint n, int width) where S : struct, ISimd<V> where V : struct
    {
        V largest = S.Create(float.NegativeInfinity);
        for (nint i = 0; i < n; i++)
            largest = SimdMath.Max<S, V>(largest, width == S.Count ? S.Load(x + i * stride) : S.LoadPartial(x + i * stride, width));
        return largest;
    }
}
