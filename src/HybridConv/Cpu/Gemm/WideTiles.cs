using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Cpu.Gemm;

/// <summary>
/// Register tiles of some pixels by two vectors of channels: c[pixel, channel] = epilogue(bias + sum), one fused multiply-add chain per output, in the order of
/// the strip's segments and their depth. Accumulators are named locals because arrays of vectors stay in memory; every third pixel has a pointer of its own because
/// base + {0, 1, 2} * row is what x64 can address. 14 pixels fill the 32 registers of AVX-512, 6 the 16 registers of narrower vectors.
/// </summary>
/// <remarks>Every tile reads <c>Depth</c> floats from each segment of each of its pixels, and writes two whole vectors per pixel.</remarks>
internal static unsafe class WideTiles
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows14<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias0 = S.Load(strip.Panel), bias1 = S.Load(strip.Panel + S.Count);
        V c00 = bias0, c01 = bias1, c10 = bias0, c11 = bias1, c20 = bias0, c21 = bias1, c30 = bias0, c31 = bias1;
        V c40 = bias0, c41 = bias1, c50 = bias0, c51 = bias1, c60 = bias0, c61 = bias1, c70 = bias0, c71 = bias1;
        V c80 = bias0, c81 = bias1, c90 = bias0, c91 = bias1, cA0 = bias0, cA1 = bias1, cB0 = bias0, cB1 = bias1;
        V cC0 = bias0, cC1 = bias1, cD0 = bias0, cD1 = bias1;
        nint row = strip.PixelBytes, row2 = 2 * row;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + 2 * S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel, a3 = a0 + 3 * row, a6 = a3 + 3 * row, a9 = a6 + 3 * row, aC = a9 + 3 * row;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b), b1 = S.Load(b + S.Count), x;
                b += 2 * S.Count;
                x = S.Broadcast((float*)a0); c00 = S.Fma(x, b0, c00); c01 = S.Fma(x, b1, c01);
                x = S.Broadcast((float*)(a0 + row)); c10 = S.Fma(x, b0, c10); c11 = S.Fma(x, b1, c11);
                x = S.Broadcast((float*)(a0 + row2)); c20 = S.Fma(x, b0, c20); c21 = S.Fma(x, b1, c21);
                x = S.Broadcast((float*)a3); c30 = S.Fma(x, b0, c30); c31 = S.Fma(x, b1, c31);
                x = S.Broadcast((float*)(a3 + row)); c40 = S.Fma(x, b0, c40); c41 = S.Fma(x, b1, c41);
                x = S.Broadcast((float*)(a3 + row2)); c50 = S.Fma(x, b0, c50); c51 = S.Fma(x, b1, c51);
                x = S.Broadcast((float*)a6); c60 = S.Fma(x, b0, c60); c61 = S.Fma(x, b1, c61);
                x = S.Broadcast((float*)(a6 + row)); c70 = S.Fma(x, b0, c70); c71 = S.Fma(x, b1, c71);
                x = S.Broadcast((float*)(a6 + row2)); c80 = S.Fma(x, b0, c80); c81 = S.Fma(x, b1, c81);
                x = S.Broadcast((float*)a9); c90 = S.Fma(x, b0, c90); c91 = S.Fma(x, b1, c91);
                x = S.Broadcast((float*)(a9 + row)); cA0 = S.Fma(x, b0, cA0); cA1 = S.Fma(x, b1, cA1);
                x = S.Broadcast((float*)(a9 + row2)); cB0 = S.Fma(x, b0, cB0); cB1 = S.Fma(x, b1, cB1);
                x = S.Broadcast((float*)aC); cC0 = S.Fma(x, b0, cC0); cC1 = S.Fma(x, b1, cC1);
                x = S.Broadcast((float*)(aC + row)); cD0 = S.Fma(x, b0, cD0); cD1 = S.Fma(x, b1, cD1);
                a0 += sizeof(float); a3 += sizeof(float); a6 += sizeof(float); a9 += sizeof(float); aC += sizeof(float);
            }
        }
        Store<S, V, E>(c00, c01, c, strip.OutputStride, 0, epilogue);
        Store<S, V, E>(c10, c11, c, strip.OutputStride, 1, epilogue);
        Store<S, V, E>(c20, c21, c, strip.OutputStride, 2, epilogue);
        Store<S, V, E>(c30, c31, c, strip.OutputStride, 3, epilogue);
        Store<S, V, E>(c40, c41, c, strip.OutputStride, 4, epilogue);
        Store<S, V, E>(c50, c51, c, strip.OutputStride, 5, epilogue);
        Store<S, V, E>(c60, c61, c, strip.OutputStride, 6, epilogue);
        Store<S, V, E>(c70, c71, c, strip.OutputStride, 7, epilogue);
        Store<S, V, E>(c80, c81, c, strip.OutputStride, 8, epilogue);
        Store<S, V, E>(c90, c91, c, strip.OutputStride, 9, epilogue);
        Store<S, V, E>(cA0, cA1, c, strip.OutputStride, 10, epilogue);
        Store<S, V, E>(cB0, cB1, c, strip.OutputStride, 11, epilogue);
        Store<S, V, E>(cC0, cC1, c, strip.OutputStride, 12, epilogue);
        Store<S, V, E>(cD0, cD1, c, strip.OutputStride, 13, epilogue);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows7<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias0 = S.Load(strip.Panel), bias1 = S.Load(strip.Panel + S.Count);
        V c00 = bias0, c01 = bias1, c10 = bias0, c11 = bias1, c20 = bias0, c21 = bias1, c30 = bias0, c31 = bias1;
        V c40 = bias0, c41 = bias1, c50 = bias0, c51 = bias1, c60 = bias0, c61 = bias1;
        nint row = strip.PixelBytes, row2 = 2 * row;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + 2 * S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel, a3 = a0 + 3 * row, a6 = a3 + 3 * row;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b), b1 = S.Load(b + S.Count), x;
                b += 2 * S.Count;
                x = S.Broadcast((float*)a0); c00 = S.Fma(x, b0, c00); c01 = S.Fma(x, b1, c01);
                x = S.Broadcast((float*)(a0 + row)); c10 = S.Fma(x, b0, c10); c11 = S.Fma(x, b1, c11);
                x = S.Broadcast((float*)(a0 + row2)); c20 = S.Fma(x, b0, c20); c21 = S.Fma(x, b1, c21);
                x = S.Broadcast((float*)a3); c30 = S.Fma(x, b0, c30); c31 = S.Fma(x, b1, c31);
                x = S.Broadcast((float*)(a3 + row)); c40 = S.Fma(x, b0, c40); c41 = S.Fma(x, b1, c41);
                x = S.Broadcast((float*)(a3 + row2)); c50 = S.Fma(x, b0, c50); c51 = S.Fma(x, b1, c51);
                x = S.Broadcast((float*)a6); c60 = S.Fma(x, b0, c60); c61 = S.Fma(x, b1, c61);
                a0 += sizeof(float); a3 += sizeof(float); a6 += sizeof(float);
            }
        }
        Store<S, V, E>(c00, c01, c, strip.OutputStride, 0, epilogue);
        Store<S, V, E>(c10, c11, c, strip.OutputStride, 1, epilogue);
        Store<S, V, E>(c20, c21, c, strip.OutputStride, 2, epilogue);
        Store<S, V, E>(c30, c31, c, strip.OutputStride, 3, epilogue);
        Store<S, V, E>(c40, c41, c, strip.OutputStride, 4, epilogue);
        Store<S, V, E>(c50, c51, c, strip.OutputStride, 5, epilogue);
        Store<S, V, E>(c60, c61, c, strip.OutputStride, 6, epilogue);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows6<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias0 = S.Load(strip.Panel), bias1 = S.Load(strip.Panel + S.Count);
        V c00 = bias0, c01 = bias1, c10 = bias0, c11 = bias1, c20 = bias0, c21 = bias1, c30 = bias0, c31 = bias1;
        V c40 = bias0, c41 = bias1, c50 = bias0, c51 = bias1;
        nint row = strip.PixelBytes, row2 = 2 * row;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + 2 * S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel, a3 = a0 + 3 * row;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b), b1 = S.Load(b + S.Count), x;
                b += 2 * S.Count;
                x = S.Broadcast((float*)a0); c00 = S.Fma(x, b0, c00); c01 = S.Fma(x, b1, c01);
                x = S.Broadcast((float*)(a0 + row)); c10 = S.Fma(x, b0, c10); c11 = S.Fma(x, b1, c11);
                x = S.Broadcast((float*)(a0 + row2)); c20 = S.Fma(x, b0, c20); c21 = S.Fma(x, b1, c21);
                x = S.Broadcast((float*)a3); c30 = S.Fma(x, b0, c30); c31 = S.Fma(x, b1, c31);
                x = S.Broadcast((float*)(a3 + row)); c40 = S.Fma(x, b0, c40); c41 = S.Fma(x, b1, c41);
                x = S.Broadcast((float*)(a3 + row2)); c50 = S.Fma(x, b0, c50); c51 = S.Fma(x, b1, c51);
                a0 += sizeof(float); a3 += sizeof(float);
            }
        }
        Store<S, V, E>(c00, c01, c, strip.OutputStride, 0, epilogue);
        Store<S, V, E>(c10, c11, c, strip.OutputStride, 1, epilogue);
        Store<S, V, E>(c20, c21, c, strip.OutputStride, 2, epilogue);
        Store<S, V, E>(c30, c31, c, strip.OutputStride, 3, epilogue);
        Store<S, V, E>(c40, c41, c, strip.OutputStride, 4, epilogue);
        Store<S, V, E>(c50, c51, c, strip.OutputStride, 5, epilogue);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows4<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias0 = S.Load(strip.Panel), bias1 = S.Load(strip.Panel + S.Count);
        V c00 = bias0, c01 = bias1, c10 = bias0, c11 = bias1, c20 = bias0, c21 = bias1, c30 = bias0, c31 = bias1;
        nint row = strip.PixelBytes, row2 = 2 * row;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + 2 * S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel, a3 = a0 + 3 * row;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b), b1 = S.Load(b + S.Count), x;
                b += 2 * S.Count;
                x = S.Broadcast((float*)a0); c00 = S.Fma(x, b0, c00); c01 = S.Fma(x, b1, c01);
                x = S.Broadcast((float*)(a0 + row)); c10 = S.Fma(x, b0, c10); c11 = S.Fma(x, b1, c11);
                x = S.Broadcast((float*)(a0 + row2)); c20 = S.Fma(x, b0, c20); c21 = S.Fma(x, b1, c21);
                x = S.Broadcast((float*)a3); c30 = S.Fma(x, b0, c30); c31 = S.Fma(x, b1, c31);
                a0 += sizeof(float); a3 += sizeof(float);
            }
        }
        Store<S, V, E>(c00, c01, c, strip.OutputStride, 0, epilogue);
        Store<S, V, E>(c10, c11, c, strip.OutputStride, 1, epilogue);
        Store<S, V, E>(c20, c21, c, strip.OutputStride, 2, epilogue);
        Store<S, V, E>(c30, c31, c, strip.OutputStride, 3, epilogue);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows3<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias0 = S.Load(strip.Panel), bias1 = S.Load(strip.Panel + S.Count);
        V c00 = bias0, c01 = bias1, c10 = bias0, c11 = bias1, c20 = bias0, c21 = bias1;
        nint row = strip.PixelBytes, row2 = 2 * row;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + 2 * S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b), b1 = S.Load(b + S.Count), x;
                b += 2 * S.Count;
                x = S.Broadcast((float*)a0); c00 = S.Fma(x, b0, c00); c01 = S.Fma(x, b1, c01);
                x = S.Broadcast((float*)(a0 + row)); c10 = S.Fma(x, b0, c10); c11 = S.Fma(x, b1, c11);
                x = S.Broadcast((float*)(a0 + row2)); c20 = S.Fma(x, b0, c20); c21 = S.Fma(x, b1, c21);
                a0 += sizeof(float);
            }
        }
        Store<S, V, E>(c00, c01, c, strip.OutputStride, 0, epilogue);
        Store<S, V, E>(c10, c11, c, strip.OutputStride, 1, epilogue);
        Store<S, V, E>(c20, c21, c, strip.OutputStride, 2, epilogue);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows2<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias0 = S.Load(strip.Panel), bias1 = S.Load(strip.Panel + S.Count);
        V c00 = bias0, c01 = bias1, c10 = bias0, c11 = bias1;
        nint row = strip.PixelBytes;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + 2 * S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b), b1 = S.Load(b + S.Count), x;
                b += 2 * S.Count;
                x = S.Broadcast((float*)a0); c00 = S.Fma(x, b0, c00); c01 = S.Fma(x, b1, c01);
                x = S.Broadcast((float*)(a0 + row)); c10 = S.Fma(x, b0, c10); c11 = S.Fma(x, b1, c11);
                a0 += sizeof(float);
            }
        }
        Store<S, V, E>(c00, c01, c, strip.OutputStride, 0, epilogue);
        Store<S, V, E>(c10, c11, c, strip.OutputStride, 1, epilogue);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Rows1<S, V, E>(in Strip strip, byte* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        V bias0 = S.Load(strip.Panel), bias1 = S.Load(strip.Panel + S.Count);
        V c00 = bias0, c01 = bias1;
        for (nint s = 0; s < strip.SegmentCount; s++)
        {
            float* b = (float*)((byte*)(strip.Panel + 2 * S.Count) + strip.Segments[s].Weights);
            byte* a0 = a + strip.Segments[s].Pixel;
            for (nint i = strip.Depth; i > 0; i--)
            {
                V b0 = S.Load(b), b1 = S.Load(b + S.Count), x;
                b += 2 * S.Count;
                x = S.Broadcast((float*)a0); c00 = S.Fma(x, b0, c00); c01 = S.Fma(x, b1, c01);
                a0 += sizeof(float);
            }
        }
        Store<S, V, E>(c00, c01, c, strip.OutputStride, 0, epilogue);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<S, V, E>(V v0, V v1, float* c, nint stride, nint pixel, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        float* p = c + pixel * stride;
        S.Store(epilogue.Apply<S, V>(v0, pixel, 0), p);
        S.Store(epilogue.Apply<S, V>(v1, pixel, S.Count), p + S.Count);
    }
}
