using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Ops.Conv;

/// <summary>
/// The transforms of images and results by Winograd's algorithm along one axis, each for a vector of channels: B' and A' for the points of <see
/// cref="WinogradTransform"/>. Tiles of images have two pixels more than they have outputs.
/// </summary>
internal unsafe interface IWinogradTile
{
    /// <summary>Outputs along the axis.</summary>
    static abstract int Outputs { get; }

    /// <summary>B' x.</summary>
    /// <param name="from">The first vector of x.</param>
    /// <param name="step">Floats to the next.</param>
    /// <param name="to">The first result.</param>
    /// <param name="stepTo">Floats to the next.</param>
    static abstract void Image<S, V>(float* from, nint step, float* to, nint stepTo) where S : struct, ISimd<V> where V : struct;

    /// <summary>A' x, likewise.</summary>
    static abstract void Result<S, V>(float* from, nint step, float* to, nint stepTo) where S : struct, ISimd<V> where V : struct;
}

/// <summary>F(2, 3).</summary>
internal readonly unsafe struct WinogradTwo : IWinogradTile
{
    public static int Outputs => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Image<S, V>(float* from, nint step, float* to, nint stepTo) where S : struct, ISimd<V> where V : struct
    {
        V x0 = S.Load(from), x1 = S.Load(from + step), x2 = S.Load(from + 2 * step), x3 = S.Load(from + 3 * step);
        S.Store(S.Sub(x0, x2), to);
        S.Store(S.Add(x1, x2), to + stepTo);
        S.Store(S.Sub(x2, x1), to + 2 * stepTo);
        S.Store(S.Sub(x1, x3), to + 3 * stepTo);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Result<S, V>(float* from, nint step, float* to, nint stepTo) where S : struct, ISimd<V> where V : struct
    {
        V x0 = S.Load(from), x1 = S.Load(from + step), x2 = S.Load(from + 2 * step), x3 = S.Load(from + 3 * step);
        S.Store(S.Add(S.Add(x0, x1), x2), to);
        S.Store(S.Sub(S.Sub(x1, x2), x3), to + stepTo);
    }
}

/// <summary>F(4, 3).</summary>
internal readonly unsafe struct WinogradFour : IWinogradTile
{
    public static int Outputs => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Image<S, V>(float* from, nint step, float* to, nint stepTo) where S : struct, ISimd<V> where V : struct
    {
        V x0 = S.Load(from), x1 = S.Load(from + step), x2 = S.Load(from + 2 * step);
        V x3 = S.Load(from + 3 * step), x4 = S.Load(from + 4 * step), x5 = S.Load(from + 5 * step);
        V even1 = S.Fma(S.Create(-2.25f), x2, x4), odd1 = S.Fma(S.Create(0.5f), x3, S.Mul(S.Create(-1.125f), x1));
        V even2 = S.Fma(S.Create(-0.25f), x2, x4), odd2 = S.Fma(S.Create(1.5f), x3, S.Mul(S.Create(-0.375f), x1));
        S.Store(S.Fma(S.Create(0.5625f), x0, S.Fma(S.Create(-2.5f), x2, x4)), to);
        S.Store(S.Add(even1, odd1), to + stepTo);
        S.Store(S.Sub(even1, odd1), to + 2 * stepTo);
        S.Store(S.Add(even2, odd2), to + 3 * stepTo);
        S.Store(S.Sub(even2, odd2), to + 4 * stepTo);
        S.Store(S.Fma(S.Create(0.5625f), x1, S.Fma(S.Create(-2.5f), x3, x5)), to + 5 * stepTo);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Result<S, V>(float* from, nint step, float* to, nint stepTo) where S : struct, ISimd<V> where V : struct
    {
        V x1 = S.Load(from + step), x2 = S.Load(from + 2 * step), x3 = S.Load(from + 3 * step), x4 = S.Load(from + 4 * step);
        V sum1 = S.Add(x1, x2), difference1 = S.Sub(x1, x2), sum2 = S.Add(x3, x4), difference2 = S.Sub(x3, x4);
        S.Store(S.Add(S.Load(from), S.Add(sum1, sum2)), to);
        S.Store(S.Fma(S.Create(1.5f), difference2, S.Mul(S.Create(0.5f), difference1)), to + stepTo);
        S.Store(S.Fma(S.Create(2.25f), sum2, S.Mul(S.Create(0.25f), sum1)), to + 2 * stepTo);
        S.Store(S.Fma(S.Create(3.375f), difference2, S.Fma(S.Create(0.125f), difference1, S.Load(from + 5 * step))), to + 3 * stepTo);
    }
}
