using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Ops.Conv;

/// <summary>Where the results of a transform along one axis go.</summary>
internal interface IVectorSink<V> where V : struct
{
    void Store(int i, V v);
}

/// <summary>Vectors that are evenly spaced.</summary>
/// <param name="first">The first of them.</param>
/// <param name="step">Floats to the next.</param>
internal readonly unsafe struct EvenVectors<S, V>(float* first, nint step) : IVectorSink<V> where S : struct, ISimd<V> where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int i, V v) => S.Store(v, first + i * step);
}

/// <summary>Neighbouring output pixels, as many as exist: results are completed on the way there.</summary>
/// <param name="bias">Added first.</param>
/// <param name="clamp">Applied last.</param>
/// <param name="first">The first pixel's channels.</param>
/// <param name="step">Floats to the next pixel.</param>
/// <param name="residual">What is added to the first pixel; null for nothing.</param>
/// <param name="residualStep">Floats to the next pixel's.</param>
/// <param name="pixels">Their number.</param>
/// <param name="lanes">Channels that exist.</param>
internal readonly unsafe struct FinishedPixels<S, V>(V bias, Clamp clamp, float* first, nint step, float* residual, nint residualStep, int pixels, int lanes) : IVectorSink<V>
    where S : struct, ISimd<V> where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int i, V v)
    {
        if (i >= pixels)
            return;
        V y = S.Add(bias, v);
        if (lanes == S.Count)
            S.Store(clamp.Apply<S, V>(residual is null ? y : S.Add(y, S.Load(residual + i * residualStep))), first + i * step);
        else
            S.StorePartial(clamp.Apply<S, V>(residual is null ? y : S.Add(y, S.LoadPartial(residual + i * residualStep, lanes))), first + i * step, lanes);
    }
}

/// <summary>
/// The transforms of images and results by Winograd's algorithm along one axis, each for a vector of channels: B' and A' for the points of <see
/// cref="WinogradTransform"/>. Tiles of images have two pixels more than they have outputs.
/// </summary>
internal unsafe interface IWinogradTile
{
    /// <summary>Outputs along the axis.</summary>
    static abstract int Outputs { get; }

    /// <summary>The results that <see cref="ImagePair"/> gives; all pairs together are all pixels.</summary>
    static abstract (int First, int Second) PixelPair(int pair);

    /// <summary>Two results of B' x, which have most of their arithmetic in common.</summary>
    /// <param name="pair">Which; a constant.</param>
    /// <param name="x">The first vector of x.</param>
    /// <param name="step">Floats to the next.</param>
    /// <param name="first">The first result.</param>
    /// <param name="second">The second.</param>
    static abstract void ImagePair<S, V>(int pair, float* x, nint step, out V first, out V second) where S : struct, ISimd<V> where V : struct;

    /// <summary>B' x, of vectors that are at hand; tiles of two outputs have four. Its arithmetic is that of all pairs, written out: made of them it leaves vectors in memory, and a layer takes 4 % longer.</summary>
    static abstract void Image<S, V, Y>(V x0, V x1, V x2, V x3, V x4, V x5, Y y) where S : struct, ILanewise<V> where V : struct where Y : struct, IVectorSink<V>;

    /// <summary>A' x.</summary>
    /// <param name="x">The first vector of x.</param>
    /// <param name="step">Floats to the next.</param>
    /// <param name="y">Takes the results.</param>
    static abstract void Result<S, V, Y>(float* x, nint step, Y y) where S : struct, ISimd<V> where V : struct where Y : struct, IVectorSink<V>;
}

/// <summary>F(2, 3).</summary>
internal readonly unsafe struct WinogradTwo : IWinogradTile
{
    public static int Outputs => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int First, int Second) PixelPair(int pair) => pair == 0 ? (0, 3) : (1, 2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ImagePair<S, V>(int pair, float* x, nint step, out V first, out V second) where S : struct, ISimd<V> where V : struct
    {
        V x1 = S.Load(x + step), x2 = S.Load(x + 2 * step);
        first = pair == 0 ? S.Sub(S.Load(x), x2) : S.Add(x1, x2);
        second = pair == 0 ? S.Sub(x1, S.Load(x + 3 * step)) : S.Sub(x2, x1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Image<S, V, Y>(V x0, V x1, V x2, V x3, V x4, V x5, Y y) where S : struct, ILanewise<V> where V : struct where Y : struct, IVectorSink<V>
    {
        y.Store(0, S.Sub(x0, x2));
        y.Store(1, S.Add(x1, x2));
        y.Store(2, S.Sub(x2, x1));
        y.Store(3, S.Sub(x1, x3));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Result<S, V, Y>(float* x, nint step, Y y) where S : struct, ISimd<V> where V : struct where Y : struct, IVectorSink<V>
    {
        V x0 = S.Load(x), x1 = S.Load(x + step), x2 = S.Load(x + 2 * step), x3 = S.Load(x + 3 * step);
        y.Store(0, S.Add(S.Add(x0, x1), x2));
        y.Store(1, S.Sub(S.Sub(x1, x2), x3));
    }
}

/// <summary>F(4, 3).</summary>
internal readonly unsafe struct WinogradFour : IWinogradTile
{
    public static int Outputs => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static (int First, int Second) PixelPair(int pair) => pair switch { 0 => (0, 5), 1 => (1, 2), _ => (3, 4) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ImagePair<S, V>(int pair, float* x, nint step, out V first, out V second) where S : struct, ISimd<V> where V : struct
    {
        V x1 = S.Load(x + step), x2 = S.Load(x + 2 * step), x3 = S.Load(x + 3 * step), x4 = S.Load(x + 4 * step);
        if (pair == 0)
        {
            first = S.Fma(S.Create(0.5625f), S.Load(x), S.Fma(S.Create(-2.5f), x2, x4));
            second = S.Fma(S.Create(0.5625f), x1, S.Fma(S.Create(-2.5f), x3, S.Load(x + 5 * step)));
            return;
        }
        V even = S.Fma(S.Create(pair == 1 ? -2.25f : -0.25f), x2, x4);
        V odd = S.Fma(S.Create(pair == 1 ? 0.5f : 1.5f), x3, S.Mul(S.Create(pair == 1 ? -1.125f : -0.375f), x1));
        first = S.Add(even, odd);
        second = S.Sub(even, odd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Image<S, V, Y>(V x0, V x1, V x2, V x3, V x4, V x5, Y y) where S : struct, ILanewise<V> where V : struct where Y : struct, IVectorSink<V>
    {
        V even1 = S.Fma(S.Create(-2.25f), x2, x4), odd1 = S.Fma(S.Create(0.5f), x3, S.Mul(S.Create(-1.125f), x1));
        V even2 = S.Fma(S.Create(-0.25f), x2, x4), odd2 = S.Fma(S.Create(1.5f), x3, S.Mul(S.Create(-0.375f), x1));
        y.Store(0, S.Fma(S.Create(0.5625f), x0, S.Fma(S.Create(-2.5f), x2, x4)));
        y.Store(1, S.Add(even1, odd1));
        y.Store(2, S.Sub(even1, odd1));
        y.Store(3, S.Add(even2, odd2));
        y.Store(4, S.Sub(even2, odd2));
        y.Store(5, S.Fma(S.Create(0.5625f), x1, S.Fma(S.Create(-2.5f), x3, x5)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Result<S, V, Y>(float* x, nint step, Y y) where S : struct, ISimd<V> where V : struct where Y : struct, IVectorSink<V>
    {
        V x1 = S.Load(x + step), x2 = S.Load(x + 2 * step), x3 = S.Load(x + 3 * step), x4 = S.Load(x + 4 * step);
        V sum1 = S.Add(x1, x2), difference1 = S.Sub(x1, x2), sum2 = S.Add(x3, x4), difference2 = S.Sub(x3, x4);
        y.Store(0, S.Add(S.Load(x), S.Add(sum1, sum2)));
        y.Store(1, S.Fma(S.Create(1.5f), difference2, S.Mul(S.Create(0.5f), difference1)));
        y.Store(2, S.Fma(S.Create(2.25f), sum2, S.Mul(S.Create(0.25f), sum1)));
        y.Store(3, S.Fma(S.Create(3.375f), difference2, S.Fma(S.Create(0.125f), difference1, S.Load(x + 5 * step))));
    }
}
