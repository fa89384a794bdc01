using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using HybridConv.Cpu.Simd;

namespace HybridConv.Cpu.Gemm;

/// <summary>
/// Register tiles of 1 to 14 pixels by one or two vectors of channels: c[pixel, channel] = epilogue(bias + sum), one fused multiply-add chain per output, in the
/// order of the strip's segments and their depth. 14 pixels by two vectors fill the 32 registers of AVX-512, 6 the 16 registers of narrower vectors.
/// </summary>
/// <remarks>
/// One text for all shapes: what a shape does not have is compiled away. Accumulators are named locals because arrays of vectors stay in memory; every third pixel
/// has a pointer of its own because base + {0, 1, 2} * row is what x64 can address. The tiles of a run are computed in one call because a call drains the
/// multipliers: its prologue and its return to narrower registers take as long as several positions of the depth. Every tile reads <c>Depth</c> floats from each
/// segment of each of its pixels, and writes whole vectors.
/// </remarks>
internal static unsafe class Tiles
{
    /// <param name="strip">What the tiles have in common.</param>
    /// <param name="a">The input of the first tile's first pixel.</param>
    /// <param name="c">Its output.</param>
    /// <param name="run">The tiles' number and distances.</param>
    /// <param name="epilogue">For the first tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<S, V, R, W, E>(in Strip strip, byte* a, float* c, in TileRun run, E epilogue)
        where S : struct, ISimd<V> where V : struct where R : struct, IRows where W : struct, IVectors where E : struct, IEpilogue<E>
    {
        int width = W.IsTwo ? 2 * S.Count : S.Count;
        byte* ahead = strip.Ahead is null ? (byte*)strip.Panel : strip.Ahead;
        // Where a panel is read by one tile, the next one comes at two lines a position; elsewhere the second request is the first once more.
        nint row = strip.PixelBytes, row2 = 2 * row, also = strip.AheadStep > AlignedMemory.Alignment ? AlignedMemory.Alignment : 0;
        for (nint tile = run.Tiles; tile > 0; tile--)
        {
            V c00 = S.Load(strip.Panel), c01 = W.IsTwo ? S.Load(strip.Panel + S.Count) : c00;
            V c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
            V c60 = c00, c61 = c01, c70 = c00, c71 = c01, c80 = c00, c81 = c01, c90 = c00, c91 = c01, cA0 = c00, cA1 = c01;
            V cB0 = c00, cB1 = c01, cC0 = c00, cC1 = c01, cD0 = c00, cD1 = c01;
            for (nint s = 0; s < strip.SegmentCount; s++)
            {
                float* b = (float*)((byte*)(strip.Panel + width) + strip.Segments[s].Weights);
                byte* a0 = a + strip.Segments[s].Pixel, a3 = a0 + 3 * row, a6 = a3 + 3 * row, a9 = a6 + 3 * row, aC = a9 + 3 * row;
                for (nint i = strip.Depth; i > 0; i--)
                {
                    if (Sse.IsSupported)
                    {
                        Sse.Prefetch1(ahead);
                        Sse.Prefetch1(ahead + also);
                    }
                    ahead += strip.AheadStep;
                    V b0 = S.Load(b), b1 = W.IsTwo ? S.Load(b + S.Count) : b0, x;
                    b += width;
                    { x = S.Broadcast((float*)a0); c00 = S.Fma(x, b0, c00); if (W.IsTwo) c01 = S.Fma(x, b1, c01); }
                    if (R.Count > 1) { x = S.Broadcast((float*)(a0 + row)); c10 = S.Fma(x, b0, c10); if (W.IsTwo) c11 = S.Fma(x, b1, c11); }
                    if (R.Count > 2) { x = S.Broadcast((float*)(a0 + row2)); c20 = S.Fma(x, b0, c20); if (W.IsTwo) c21 = S.Fma(x, b1, c21); }
                    if (R.Count > 3) { x = S.Broadcast((float*)a3); c30 = S.Fma(x, b0, c30); if (W.IsTwo) c31 = S.Fma(x, b1, c31); }
                    if (R.Count > 4) { x = S.Broadcast((float*)(a3 + row)); c40 = S.Fma(x, b0, c40); if (W.IsTwo) c41 = S.Fma(x, b1, c41); }
                    if (R.Count > 5) { x = S.Broadcast((float*)(a3 + row2)); c50 = S.Fma(x, b0, c50); if (W.IsTwo) c51 = S.Fma(x, b1, c51); }
                    if (R.Count > 6) { x = S.Broadcast((float*)a6); c60 = S.Fma(x, b0, c60); if (W.IsTwo) c61 = S.Fma(x, b1, c61); }
                    if (R.Count > 7) { x = S.Broadcast((float*)(a6 + row)); c70 = S.Fma(x, b0, c70); if (W.IsTwo) c71 = S.Fma(x, b1, c71); }
                    if (R.Count > 8) { x = S.Broadcast((float*)(a6 + row2)); c80 = S.Fma(x, b0, c80); if (W.IsTwo) c81 = S.Fma(x, b1, c81); }
                    if (R.Count > 9) { x = S.Broadcast((float*)a9); c90 = S.Fma(x, b0, c90); if (W.IsTwo) c91 = S.Fma(x, b1, c91); }
                    if (R.Count > 10) { x = S.Broadcast((float*)(a9 + row)); cA0 = S.Fma(x, b0, cA0); if (W.IsTwo) cA1 = S.Fma(x, b1, cA1); }
                    if (R.Count > 11) { x = S.Broadcast((float*)(a9 + row2)); cB0 = S.Fma(x, b0, cB0); if (W.IsTwo) cB1 = S.Fma(x, b1, cB1); }
                    if (R.Count > 12) { x = S.Broadcast((float*)aC); cC0 = S.Fma(x, b0, cC0); if (W.IsTwo) cC1 = S.Fma(x, b1, cC1); }
                    if (R.Count > 13) { x = S.Broadcast((float*)(aC + row)); cD0 = S.Fma(x, b0, cD0); if (W.IsTwo) cD1 = S.Fma(x, b1, cD1); }
                    a0 += sizeof(float);
                    if (R.Count > 3) a3 += sizeof(float);
                    if (R.Count > 6) a6 += sizeof(float);
                    if (R.Count > 9) a9 += sizeof(float);
                    if (R.Count > 12) aC += sizeof(float);
                }
            }
            float* p = c;
            { Store<S, V, W, E>(c00, c01, p, 0, epilogue); p += strip.OutputStride; }
            if (R.Count > 1) { Store<S, V, W, E>(c10, c11, p, 1, epilogue); p += strip.OutputStride; }
            if (R.Count > 2) { Store<S, V, W, E>(c20, c21, p, 2, epilogue); p += strip.OutputStride; }
            if (R.Count > 3) { Store<S, V, W, E>(c30, c31, p, 3, epilogue); p += strip.OutputStride; }
            if (R.Count > 4) { Store<S, V, W, E>(c40, c41, p, 4, epilogue); p += strip.OutputStride; }
            if (R.Count > 5) { Store<S, V, W, E>(c50, c51, p, 5, epilogue); p += strip.OutputStride; }
            if (R.Count > 6) { Store<S, V, W, E>(c60, c61, p, 6, epilogue); p += strip.OutputStride; }
            if (R.Count > 7) { Store<S, V, W, E>(c70, c71, p, 7, epilogue); p += strip.OutputStride; }
            if (R.Count > 8) { Store<S, V, W, E>(c80, c81, p, 8, epilogue); p += strip.OutputStride; }
            if (R.Count > 9) { Store<S, V, W, E>(c90, c91, p, 9, epilogue); p += strip.OutputStride; }
            if (R.Count > 10) { Store<S, V, W, E>(cA0, cA1, p, 10, epilogue); p += strip.OutputStride; }
            if (R.Count > 11) { Store<S, V, W, E>(cB0, cB1, p, 11, epilogue); p += strip.OutputStride; }
            if (R.Count > 12) { Store<S, V, W, E>(cC0, cC1, p, 12, epilogue); p += strip.OutputStride; }
            if (R.Count > 13) { Store<S, V, W, E>(cD0, cD1, p, 13, epilogue); p += strip.OutputStride; }
            a += run.Input;
            c += run.Output;
            epilogue = epilogue.Skip(run.Residual);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<S, V, W, E>(V v0, V v1, float* p, nint pixel, E epilogue)
        where S : struct, ISimd<V> where V : struct where W : struct, IVectors where E : struct, IEpilogue<E>
    {
        S.Store(epilogue.Apply<S, V>(v0, pixel, 0), p);
        if (W.IsTwo)
            S.Store(epilogue.Apply<S, V>(v1, pixel, S.Count), p + S.Count);
    }
}
