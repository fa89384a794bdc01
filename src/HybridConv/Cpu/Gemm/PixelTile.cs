using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using HybridConv.Cpu.Simd;

namespace HybridConv.Cpu.Gemm;

/// <summary>
/// A register tile of one pixel by four panels of two vectors: the product of a matrix and a vector, which streams weights that are used once. One panel alone has
/// two chains of multiply-adds, each waiting for itself; eight of them leave nothing to wait for but memory.
/// </summary>
internal static unsafe class PixelTile
{
    public const int Panels = 4;

    /// <summary>How far ahead of its reading each panel is fetched, in bytes.</summary>
    private const int AheadBytes = 2048;

    /// <param name="strip">The first panel, which is wide as the others are, and one segment.</param>
    /// <param name="panelFloats">From one panel to the next.</param>
    /// <param name="a">The pixel's input.</param>
    /// <param name="c">Its output: the channels of all panels, one after the other.</param>
    /// <param name="epilogue">For its first channel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<S, V, E>(in Strip strip, nint panelFloats, float* a, float* c, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        float* b0 = strip.Panel, b1 = b0 + panelFloats, b2 = b1 + panelFloats, b3 = b2 + panelFloats;
        V c00 = S.Load(b0), c01 = S.Load(b0 + S.Count), c10 = S.Load(b1), c11 = S.Load(b1 + S.Count);
        V c20 = S.Load(b2), c21 = S.Load(b2 + S.Count), c30 = S.Load(b3), c31 = S.Load(b3 + S.Count);
        for (nint i = 0; i < strip.Depth; i++)
        {
            b0 += 2 * S.Count;
            b1 += 2 * S.Count;
            b2 += 2 * S.Count;
            b3 += 2 * S.Count;
            if (Sse.IsSupported)
            {
                Fetch<S, V>(b0);
                Fetch<S, V>(b1);
                Fetch<S, V>(b2);
                Fetch<S, V>(b3);
            }
            V x = S.Broadcast(a + i);
            c00 = S.Fma(x, S.Load(b0), c00);
            c01 = S.Fma(x, S.Load(b0 + S.Count), c01);
            c10 = S.Fma(x, S.Load(b1), c10);
            c11 = S.Fma(x, S.Load(b1 + S.Count), c11);
            c20 = S.Fma(x, S.Load(b2), c20);
            c21 = S.Fma(x, S.Load(b2 + S.Count), c21);
            c30 = S.Fma(x, S.Load(b3), c30);
            c31 = S.Fma(x, S.Load(b3 + S.Count), c31);
        }
        Store<S, V, E>(c00, c01, c, 0, epilogue);
        Store<S, V, E>(c10, c11, c, 2 * S.Count, epilogue);
        Store<S, V, E>(c20, c21, c, 4 * S.Count, epilogue);
        Store<S, V, E>(c30, c31, c, 6 * S.Count, epilogue);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Fetch<S, V>(float* row) where S : struct, ISimd<V> where V : struct
    {
        Sse.Prefetch0((byte*)row + AheadBytes);
        if (2 * S.Count * sizeof(float) > AlignedMemory.Alignment)
            Sse.Prefetch0((byte*)row + AheadBytes + AlignedMemory.Alignment);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<S, V, E>(V v0, V v1, float* c, nint channel, E epilogue)
        where S : struct, ISimd<V> where V : struct where E : struct, IEpilogue<E>
    {
        S.Store(epilogue.Apply<S, V>(v0, 0, channel), c + channel);
        S.Store(epilogue.Apply<S, V>(v1, 0, channel + S.Count), c + channel + S.Count);
    }
}
