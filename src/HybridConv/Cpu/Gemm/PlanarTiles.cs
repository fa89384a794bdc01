using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Cpu.Gemm;

/// <summary>What the tiles of one strip of pixels have in common, for a part of the depth.</summary>
internal unsafe struct PlanarStrip
{
    /// <summary>The strip's first pixel in the part's first channel.</summary>
    public float* Image;

    /// <summary>Floats between two channels of <see cref="Image"/>.</summary>
    public nint ImagePlane;

    /// <summary>Channels of the part.</summary>
    public nint Depth;

    /// <summary>Floats between two channels of the output.</summary>
    public nint OutputPlane;

    /// <summary>Two vectors of zeros, which the sums of the first part begin with; null in later parts, which go on with what stands in the output.</summary>
    public float* Zeros;
}

/// <summary>
/// Register tiles of some output channels by one or two vectors of pixels of a channels-first image: output[row, pixel] = sum over c of weights[c, row] *
/// image[c, pixel], one chain of fused multiply-adds per output, which later parts of the depth go on with. The counterpart of <see cref="Tiles"/>, whose
/// lanes are channels, for the same registers. Every tile reads and writes whole vectors.
/// </summary>
/// <remarks>In each: <c>w</c> has the tile's rows for one channel after the other, <c>y</c> is the strip's first pixel in the tile's first row.</remarks>
internal static unsafe class PlanarTiles
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows14<S, V, W>(in PlanarStrip strip, float* w, float* y) where S : struct, ISimd<V> where V : struct where W : struct, IVectors
    {
        float* start = strip.Zeros == null ? y : strip.Zeros;
        nint plane = strip.OutputPlane, down = strip.Zeros == null ? plane : 0;
        V c00 = S.Load(start), c01 = W.IsTwo ? S.Load(start + S.Count) : c00; start += down;
        V c10 = S.Load(start), c11 = W.IsTwo ? S.Load(start + S.Count) : c10; start += down;
        V c20 = S.Load(start), c21 = W.IsTwo ? S.Load(start + S.Count) : c20; start += down;
        V c30 = S.Load(start), c31 = W.IsTwo ? S.Load(start + S.Count) : c30; start += down;
        V c40 = S.Load(start), c41 = W.IsTwo ? S.Load(start + S.Count) : c40; start += down;
        V c50 = S.Load(start), c51 = W.IsTwo ? S.Load(start + S.Count) : c50; start += down;
        V c60 = S.Load(start), c61 = W.IsTwo ? S.Load(start + S.Count) : c60; start += down;
        V c70 = S.Load(start), c71 = W.IsTwo ? S.Load(start + S.Count) : c70; start += down;
        V c80 = S.Load(start), c81 = W.IsTwo ? S.Load(start + S.Count) : c80; start += down;
        V c90 = S.Load(start), c91 = W.IsTwo ? S.Load(start + S.Count) : c90; start += down;
        V cA0 = S.Load(start), cA1 = W.IsTwo ? S.Load(start + S.Count) : cA0; start += down;
        V cB0 = S.Load(start), cB1 = W.IsTwo ? S.Load(start + S.Count) : cB0; start += down;
        V cC0 = S.Load(start), cC1 = W.IsTwo ? S.Load(start + S.Count) : cC0; start += down;
        V cD0 = S.Load(start), cD1 = W.IsTwo ? S.Load(start + S.Count) : cD0;
        float* x = strip.Image;
        nint step = strip.ImagePlane;
        for (nint i = strip.Depth; i > 0; i--)
        {
            V x0 = S.Load(x), x1 = W.IsTwo ? S.Load(x + S.Count) : x0, k;
            k = S.Broadcast(w); c00 = S.Fma(k, x0, c00); c01 = W.IsTwo ? S.Fma(k, x1, c01) : c01;
            k = S.Broadcast(w + 1); c10 = S.Fma(k, x0, c10); c11 = W.IsTwo ? S.Fma(k, x1, c11) : c11;
            k = S.Broadcast(w + 2); c20 = S.Fma(k, x0, c20); c21 = W.IsTwo ? S.Fma(k, x1, c21) : c21;
            k = S.Broadcast(w + 3); c30 = S.Fma(k, x0, c30); c31 = W.IsTwo ? S.Fma(k, x1, c31) : c31;
            k = S.Broadcast(w + 4); c40 = S.Fma(k, x0, c40); c41 = W.IsTwo ? S.Fma(k, x1, c41) : c41;
            k = S.Broadcast(w + 5); c50 = S.Fma(k, x0, c50); c51 = W.IsTwo ? S.Fma(k, x1, c51) : c51;
            k = S.Broadcast(w + 6); c60 = S.Fma(k, x0, c60); c61 = W.IsTwo ? S.Fma(k, x1, c61) : c61;
            k = S.Broadcast(w + 7); c70 = S.Fma(k, x0, c70); c71 = W.IsTwo ? S.Fma(k, x1, c71) : c71;
            k = S.Broadcast(w + 8); c80 = S.Fma(k, x0, c80); c81 = W.IsTwo ? S.Fma(k, x1, c81) : c81;
            k = S.Broadcast(w + 9); c90 = S.Fma(k, x0, c90); c91 = W.IsTwo ? S.Fma(k, x1, c91) : c91;
            k = S.Broadcast(w + 10); cA0 = S.Fma(k, x0, cA0); cA1 = W.IsTwo ? S.Fma(k, x1, cA1) : cA1;
            k = S.Broadcast(w + 11); cB0 = S.Fma(k, x0, cB0); cB1 = W.IsTwo ? S.Fma(k, x1, cB1) : cB1;
            k = S.Broadcast(w + 12); cC0 = S.Fma(k, x0, cC0); cC1 = W.IsTwo ? S.Fma(k, x1, cC1) : cC1;
            k = S.Broadcast(w + 13); cD0 = S.Fma(k, x0, cD0); cD1 = W.IsTwo ? S.Fma(k, x1, cD1) : cD1;
            x += step;
            w += 14;
        }
        Store<S, V, W>(c00, c01, y); y += plane;
        Store<S, V, W>(c10, c11, y); y += plane;
        Store<S, V, W>(c20, c21, y); y += plane;
        Store<S, V, W>(c30, c31, y); y += plane;
        Store<S, V, W>(c40, c41, y); y += plane;
        Store<S, V, W>(c50, c51, y); y += plane;
        Store<S, V, W>(c60, c61, y); y += plane;
        Store<S, V, W>(c70, c71, y); y += plane;
        Store<S, V, W>(c80, c81, y); y += plane;
        Store<S, V, W>(c90, c91, y); y += plane;
        Store<S, V, W>(cA0, cA1, y); y += plane;
        Store<S, V, W>(cB0, cB1, y); y += plane;
        Store<S, V, W>(cC0, cC1, y); y += plane;
        Store<S, V, W>(cD0, cD1, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows6<S, V, W>(in PlanarStrip strip, float* w, float* y) where S : struct, ISimd<V> where V : struct where W : struct, IVectors
    {
        float* start = strip.Zeros == null ? y : strip.Zeros;
        nint plane = strip.OutputPlane, down = strip.Zeros == null ? plane : 0;
        V c00 = S.Load(start), c01 = W.IsTwo ? S.Load(start + S.Count) : c00; start += down;
        V c10 = S.Load(start), c11 = W.IsTwo ? S.Load(start + S.Count) : c10; start += down;
        V c20 = S.Load(start), c21 = W.IsTwo ? S.Load(start + S.Count) : c20; start += down;
        V c30 = S.Load(start), c31 = W.IsTwo ? S.Load(start + S.Count) : c30; start += down;
        V c40 = S.Load(start), c41 = W.IsTwo ? S.Load(start + S.Count) : c40; start += down;
        V c50 = S.Load(start), c51 = W.IsTwo ? S.Load(start + S.Count) : c50;
        float* x = strip.Image;
        nint step = strip.ImagePlane;
        for (nint i = strip.Depth; i > 0; i--)
        {
            V x0 = S.Load(x), x1 = W.IsTwo ? S.Load(x + S.Count) : x0, k;
            k = S.Broadcast(w); c00 = S.Fma(k, x0, c00); c01 = W.IsTwo ? S.Fma(k, x1, c01) : c01;
            k = S.Broadcast(w + 1); c10 = S.Fma(k, x0, c10); c11 = W.IsTwo ? S.Fma(k, x1, c11) : c11;
            k = S.Broadcast(w + 2); c20 = S.Fma(k, x0, c20); c21 = W.IsTwo ? S.Fma(k, x1, c21) : c21;
            k = S.Broadcast(w + 3); c30 = S.Fma(k, x0, c30); c31 = W.IsTwo ? S.Fma(k, x1, c31) : c31;
            k = S.Broadcast(w + 4); c40 = S.Fma(k, x0, c40); c41 = W.IsTwo ? S.Fma(k, x1, c41) : c41;
            k = S.Broadcast(w + 5); c50 = S.Fma(k, x0, c50); c51 = W.IsTwo ? S.Fma(k, x1, c51) : c51;
            x += step;
            w += 6;
        }
        Store<S, V, W>(c00, c01, y); y += plane;
        Store<S, V, W>(c10, c11, y); y += plane;
        Store<S, V, W>(c20, c21, y); y += plane;
        Store<S, V, W>(c30, c31, y); y += plane;
        Store<S, V, W>(c40, c41, y); y += plane;
        Store<S, V, W>(c50, c51, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4<S, V, W>(in PlanarStrip strip, float* w, float* y) where S : struct, ISimd<V> where V : struct where W : struct, IVectors
    {
        float* start = strip.Zeros == null ? y : strip.Zeros;
        nint plane = strip.OutputPlane, down = strip.Zeros == null ? plane : 0;
        V c00 = S.Load(start), c01 = W.IsTwo ? S.Load(start + S.Count) : c00; start += down;
        V c10 = S.Load(start), c11 = W.IsTwo ? S.Load(start + S.Count) : c10; start += down;
        V c20 = S.Load(start), c21 = W.IsTwo ? S.Load(start + S.Count) : c20; start += down;
        V c30 = S.Load(start), c31 = W.IsTwo ? S.Load(start + S.Count) : c30;
        float* x = strip.Image;
        nint step = strip.ImagePlane;
        for (nint i = strip.Depth; i > 0; i--)
        {
            V x0 = S.Load(x), x1 = W.IsTwo ? S.Load(x + S.Count) : x0, k;
            k = S.Broadcast(w); c00 = S.Fma(k, x0, c00); c01 = W.IsTwo ? S.Fma(k, x1, c01) : c01;
            k = S.Broadcast(w + 1); c10 = S.Fma(k, x0, c10); c11 = W.IsTwo ? S.Fma(k, x1, c11) : c11;
            k = S.Broadcast(w + 2); c20 = S.Fma(k, x0, c20); c21 = W.IsTwo ? S.Fma(k, x1, c21) : c21;
            k = S.Broadcast(w + 3); c30 = S.Fma(k, x0, c30); c31 = W.IsTwo ? S.Fma(k, x1, c31) : c31;
            x += step;
            w += 4;
        }
        Store<S, V, W>(c00, c01, y); y += plane;
        Store<S, V, W>(c10, c11, y); y += plane;
        Store<S, V, W>(c20, c21, y); y += plane;
        Store<S, V, W>(c30, c31, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows2<S, V, W>(in PlanarStrip strip, float* w, float* y) where S : struct, ISimd<V> where V : struct where W : struct, IVectors
    {
        float* start = strip.Zeros == null ? y : strip.Zeros;
        nint plane = strip.OutputPlane, down = strip.Zeros == null ? plane : 0;
        V c00 = S.Load(start), c01 = W.IsTwo ? S.Load(start + S.Count) : c00; start += down;
        V c10 = S.Load(start), c11 = W.IsTwo ? S.Load(start + S.Count) : c10;
        float* x = strip.Image;
        nint step = strip.ImagePlane;
        for (nint i = strip.Depth; i > 0; i--)
        {
            V x0 = S.Load(x), x1 = W.IsTwo ? S.Load(x + S.Count) : x0, k;
            k = S.Broadcast(w); c00 = S.Fma(k, x0, c00); c01 = W.IsTwo ? S.Fma(k, x1, c01) : c01;
            k = S.Broadcast(w + 1); c10 = S.Fma(k, x0, c10); c11 = W.IsTwo ? S.Fma(k, x1, c11) : c11;
            x += step;
            w += 2;
        }
        Store<S, V, W>(c00, c01, y); y += plane;
        Store<S, V, W>(c10, c11, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows1<S, V, W>(in PlanarStrip strip, float* w, float* y) where S : struct, ISimd<V> where V : struct where W : struct, IVectors
    {
        float* start = strip.Zeros == null ? y : strip.Zeros;
        V c00 = S.Load(start), c01 = W.IsTwo ? S.Load(start + S.Count) : c00;
        float* x = strip.Image;
        nint step = strip.ImagePlane;
        for (nint i = strip.Depth; i > 0; i--)
        {
            V x0 = S.Load(x), x1 = W.IsTwo ? S.Load(x + S.Count) : x0, k;
            k = S.Broadcast(w); c00 = S.Fma(k, x0, c00); c01 = W.IsTwo ? S.Fma(k, x1, c01) : c01;
            x += step;
            w++;
        }
        Store<S, V, W>(c00, c01, y);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<S, V, W>(V v0, V v1, float* y) where S : struct, ISimd<V> where V : struct where W : struct, IVectors
    {
        S.Store(v0, y);
        if (W.IsTwo)
            S.Store(v1, y + S.Count);
    }
}
