using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace HybridConv.Cpu.Moves;

/// <summary>
/// y[i*ys + k] = x[k*xs + i] for 4-byte elements, in tiles of 4 x 4:
/// four vectors along i are loaded, one for each k, and stored as four vectors along k, one for each i.
/// </summary>
internal static unsafe class Transpose4
{
    /// <summary>Elements along i that are done for all k before moving on: one cache line of every source row.</summary>
    private const long Block = 16;

    /// <param name="x">Source rows, contiguous along i.</param>
    /// <param name="xs">Elements between source rows.</param>
    /// <param name="y">Destination rows, contiguous along k.</param>
    /// <param name="ys">Elements between destination rows.</param>
    /// <param name="n">Size along i.</param>
    /// <param name="m">Size along k.</param>
    /// <param name="lanes">Floats of the vectors that may be used, at least 4.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* x, long xs, float* y, long ys, long n, long m, int lanes)
    {
        long tiled = m & ~3L, done = m == 3 && ys == 3 && lanes == 16 ? Rows3Of16(x, xs, y, n) : 0;
        for (long start = done; start < n; start += Block)
        {
            long end = Math.Min(n, start + Block), whole = start + ((end - start) & ~3L);
            for (long k = 0; k < tiled; k += 4)
            {
                for (long i = start; i < whole; i += 4)
                    Tile(x + (k * xs) + i, xs, y + (i * ys) + k, ys);
                Elements(x, xs, y, ys, whole, end, k, k + 4);
            }
            if (m == tiled)
                continue;
            long narrow = m == 3 && ys == 3 ? Rows3(x, xs, y, start, Math.Min(whole, n - 4)) : m == 2 && ys == 2 ? Rows2(x, xs, y, start, whole) : start;
            Elements(x, xs, y, ys, narrow, end, tiled, m);
        }
    }

    /// <summary>
    /// Three source rows interleaved: each destination row of three elements is stored as four, and the fourth overwritten by the next row.
    /// Stops before <paramref name="end"/>, where a next row must follow, and returns where it stopped.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Rows3(float* x, long xs, float* y, long start, long end)
    {
        long i = start;
        for (; i + 4 <= end; i += 4)
        {
            Vector128<float> a = Vector128.Load(x + i), b = Vector128.Load(x + xs + i), c = Vector128.Load(x + (2 * xs) + i);
            Transpose(ref a, ref b, ref c, out Vector128<float> d);
            float* to = y + (3 * i);
            Vector128.Store(a, to);
            Vector128.Store(b, to + 3);
            Vector128.Store(c, to + 6);
            Vector128.Store(d, to + 9);
        }
        return i;
    }

    /// <summary>Three source rows interleaved, 16 elements of each at a time: a picture's planes of colours. Returns where it stopped.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Rows3Of16(float* x, long xs, float* y, long n)
    {
        // Of row 0 and 1 (16 and up) what lane i of vector j gets, if it is not from row 2; then what it keeps, and of row 2 (16 and up) what it gets.
        Vector512<int> ab0 = Vector512.Create(0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5), ab1 = Vector512.Create(21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26);
        Vector512<int> ab2 = Vector512.Create(0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0);
        Vector512<int> c0 = Vector512.Create(0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15), c1 = Vector512.Create(0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15);
        Vector512<int> c2 = Vector512.Create(26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31);
        long i = 0;
        for (; i + 16 <= n; i += 16, y += 3 * 16)
        {
            Vector512<float> a = Vector512.Load(x + i), b = Vector512.Load(x + xs + i), c = Vector512.Load(x + (2 * xs) + i);
            Vector512.Store(Avx512F.PermuteVar16x32x2(Avx512F.PermuteVar16x32x2(a, ab0, b), c0, c), y);
            Vector512.Store(Avx512F.PermuteVar16x32x2(Avx512F.PermuteVar16x32x2(a, ab1, b), c1, c), y + 16);
            Vector512.Store(Avx512F.PermuteVar16x32x2(Avx512F.PermuteVar16x32x2(a, ab2, b), c2, c), y + 32);
        }
        return i;
    }

    /// <summary>Two source rows interleaved.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long Rows2(float* x, long xs, float* y, long start, long end)
    {
        for (long i = start; i < end; i += 4)
        {
            Vector128<float> a = Vector128.Load(x + i), b = Vector128.Load(x + xs + i);
            Vector128.Store(Low(a, b), y + (2 * i));
            Vector128.Store(High(a, b), y + (2 * i) + 4);
        }
        return end;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Elements(float* x, long xs, float* y, long ys, long i0, long i1, long k0, long k1)
    {
        for (long i = i0; i < i1; i++)
            for (long k = k0; k < k1; k++)
                *(uint*)(y + (i * ys) + k) = *(uint*)(x + (k * xs) + i);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Tile(float* x, long xs, float* y, long ys)
    {
        Vector128<float> a = Vector128.Load(x), b = Vector128.Load(x + xs), c = Vector128.Load(x + (2 * xs)), d = Vector128.Load(x + (3 * xs));
        // a b c d are rows; ac and bd interleave every other one, so that a second interleaving gives columns.
        Vector128<float> acLow = Low(a, c), acHigh = High(a, c), bdLow = Low(b, d), bdHigh = High(b, d);
        Vector128.Store(Low(acLow, bdLow), y);
        Vector128.Store(High(acLow, bdLow), y + ys);
        Vector128.Store(Low(acHigh, bdHigh), y + (2 * ys));
        Vector128.Store(High(acHigh, bdHigh), y + (3 * ys));
    }

    /// <summary>The columns of three rows; their fourth lanes are undefined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose(ref Vector128<float> a, ref Vector128<float> b, ref Vector128<float> c, out Vector128<float> d)
    {
        Vector128<float> acLow = Low(a, c), acHigh = High(a, c), bbLow = Low(b, b), bbHigh = High(b, b);
        a = Low(acLow, bbLow);
        b = High(acLow, bbLow);
        c = Low(acHigh, bbHigh);
        d = High(acHigh, bbHigh);
    }

    /// <summary>a0 b0 a1 b1.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Low(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackLow(a, b) : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipLow(a, b) : Vector128.Create(a[0], b[0], a[1], b[1]);

    /// <summary>a2 b2 a3 b3.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> High(Vector128<float> a, Vector128<float> b) =>
        Sse.IsSupported ? Sse.UnpackHigh(a, b) : AdvSimd.Arm64.IsSupported ? AdvSimd.Arm64.ZipHigh(a, b) : Vector128.Create(a[2], b[2], a[3], b[3]);
}
