using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Cpu.Gemm;

/// <summary>Register tiles of some pixels by one vector of channels; otherwise as <see cref="WideTiles"/>.</summary>
/// <remarks>Every tile reads <c>Depth</c> floats from each segment of each of its pixels, and writes one whole vector per pixel.</remarks>
internal static unsafe class NarrowTiles
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows14<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias = S.Load(strip.Panel);
        V c0 = bias, c1 = bias, c2 = bias, c3 = bias, c4 = bias, c5 = bias, c6 = bias;
        V c7 = bias, c8 = bias, c9 = bias, cA = bias, cB = bias, cC = bias, cD = bias;
        nint row = strip.PixelBytes, row2 = 2 * row;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel, a3 = a0 + 3 * row, a6 = a3 + 3 * row, a9 = a6 + 3 * row, aC = a9 + 3 * row;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b);
                b += S.Count;
                c0 = S.Fma(S.Broadcast((float*)a0), b0, c0);
                c1 = S.Fma(S.Broadcast((float*)(a0 + row)), b0, c1);
                c2 = S.Fma(S.Broadcast((float*)(a0 + row2)), b0, c2);
                c3 = S.Fma(S.Broadcast((float*)a3), b0, c3);
                c4 = S.Fma(S.Broadcast((float*)(a3 + row)), b0, c4);
                c5 = S.Fma(S.Broadcast((float*)(a3 + row2)), b0, c5);
                c6 = S.Fma(S.Broadcast((float*)a6), b0, c6);
                c7 = S.Fma(S.Broadcast((float*)(a6 + row)), b0, c7);
                c8 = S.Fma(S.Broadcast((float*)(a6 + row2)), b0, c8);
                c9 = S.Fma(S.Broadcast((float*)a9), b0, c9);
                cA = S.Fma(S.Broadcast((float*)(a9 + row)), b0, cA);
                cB = S.Fma(S.Broadcast((float*)(a9 + row2)), b0, cB);
                cC = S.Fma(S.Broadcast((float*)aC), b0, cC);
                cD = S.Fma(S.Broadcast((float*)(aC + row)), b0, cD);
                a0 += sizeof(float); a3 += sizeof(float); a6 += sizeof(float); a9 += sizeof(float); aC += sizeof(float);
            }
        }
        S.Store(epilogue.Apply<S, V>(c0, 0, 0), c);
        S.Store(epilogue.Apply<S, V>(c1, 1, 0), c + strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c2, 2, 0), c + 2 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c3, 3, 0), c + 3 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c4, 4, 0), c + 4 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c5, 5, 0), c + 5 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c6, 6, 0), c + 6 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c7, 7, 0), c + 7 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c8, 8, 0), c + 8 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c9, 9, 0), c + 9 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(cA, 10, 0), c + 10 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(cB, 11, 0), c + 11 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(cC, 12, 0), c + 12 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(cD, 13, 0), c + 13 * strip.OutputStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows7<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias = S.Load(strip.Panel);
        V c0 = bias, c1 = bias, c2 = bias, c3 = bias, c4 = bias, c5 = bias, c6 = bias;
        nint row = strip.PixelBytes, row2 = 2 * row;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel, a3 = a0 + 3 * row, a6 = a3 + 3 * row;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b);
                b += S.Count;
                c0 = S.Fma(S.Broadcast((float*)a0), b0, c0);
                c1 = S.Fma(S.Broadcast((float*)(a0 + row)), b0, c1);
                c2 = S.Fma(S.Broadcast((float*)(a0 + row2)), b0, c2);
                c3 = S.Fma(S.Broadcast((float*)a3), b0, c3);
                c4 = S.Fma(S.Broadcast((float*)(a3 + row)), b0, c4);
                c5 = S.Fma(S.Broadcast((float*)(a3 + row2)), b0, c5);
                c6 = S.Fma(S.Broadcast((float*)a6), b0, c6);
                a0 += sizeof(float); a3 += sizeof(float); a6 += sizeof(float);
            }
        }
        S.Store(epilogue.Apply<S, V>(c0, 0, 0), c);
        S.Store(epilogue.Apply<S, V>(c1, 1, 0), c + strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c2, 2, 0), c + 2 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c3, 3, 0), c + 3 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c4, 4, 0), c + 4 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c5, 5, 0), c + 5 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c6, 6, 0), c + 6 * strip.OutputStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows6<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias = S.Load(strip.Panel);
        V c0 = bias, c1 = bias, c2 = bias, c3 = bias, c4 = bias, c5 = bias;
        nint row = strip.PixelBytes, row2 = 2 * row;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel, a3 = a0 + 3 * row;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b);
                b += S.Count;
                c0 = S.Fma(S.Broadcast((float*)a0), b0, c0);
                c1 = S.Fma(S.Broadcast((float*)(a0 + row)), b0, c1);
                c2 = S.Fma(S.Broadcast((float*)(a0 + row2)), b0, c2);
                c3 = S.Fma(S.Broadcast((float*)a3), b0, c3);
                c4 = S.Fma(S.Broadcast((float*)(a3 + row)), b0, c4);
                c5 = S.Fma(S.Broadcast((float*)(a3 + row2)), b0, c5);
                a0 += sizeof(float); a3 += sizeof(float);
            }
        }
        S.Store(epilogue.Apply<S, V>(c0, 0, 0), c);
        S.Store(epilogue.Apply<S, V>(c1, 1, 0), c + strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c2, 2, 0), c + 2 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c3, 3, 0), c + 3 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c4, 4, 0), c + 4 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c5, 5, 0), c + 5 * strip.OutputStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias = S.Load(strip.Panel);
        V c0 = bias, c1 = bias, c2 = bias, c3 = bias;
        nint row = strip.PixelBytes, row2 = 2 * row;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel, a3 = a0 + 3 * row;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b);
                b += S.Count;
                c0 = S.Fma(S.Broadcast((float*)a0), b0, c0);
                c1 = S.Fma(S.Broadcast((float*)(a0 + row)), b0, c1);
                c2 = S.Fma(S.Broadcast((float*)(a0 + row2)), b0, c2);
                c3 = S.Fma(S.Broadcast((float*)a3), b0, c3);
                a0 += sizeof(float); a3 += sizeof(float);
            }
        }
        S.Store(epilogue.Apply<S, V>(c0, 0, 0), c);
        S.Store(epilogue.Apply<S, V>(c1, 1, 0), c + strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c2, 2, 0), c + 2 * strip.OutputStride);
        S.Store(epilogue.Apply<S, V>(c3, 3, 0), c + 3 * strip.OutputStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows2<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias = S.Load(strip.Panel);
        V c0 = bias, c1 = bias;
        nint row = strip.PixelBytes;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b);
                b += S.Count;
                c0 = S.Fma(S.Broadcast((float*)a0), b0, c0);
                c1 = S.Fma(S.Broadcast((float*)(a0 + row)), b0, c1);
                a0 += sizeof(float);
            }
        }
        S.Store(epilogue.Apply<S, V>(c0, 0, 0), c);
        S.Store(epilogue.Apply<S, V>(c1, 1, 0), c + strip.OutputStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows1<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias = S.Load(strip.Panel);
        V c0 = bias;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b);
                b += S.Count;
                c0 = S.Fma(S.Broadcast((float*)a0), b0, c0);
                a0 += sizeof(float);
            }
        }
        S.Store(epilogue.Apply<S, V>(c0, 0, 0), c);
    }
}
