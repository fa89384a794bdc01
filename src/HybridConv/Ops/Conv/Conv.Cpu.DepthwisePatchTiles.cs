using System.Runtime.CompilerServices;
using HybridConv.Cpu.Gemm;
using HybridConv.Cpu.Simd;
using HybridConv.Ops.Elementwise;

namespace HybridConv.Ops.Conv;

/// <summary>A row of the filter: where what it sees lies, as seen from each output's corner, and its weights, as seen from the first. In floats.</summary>
internal readonly record struct DepthwiseLine(nint Pixel, nint Weights);

/// <summary>A block of outputs of one vector of channels, and what they see. Distances are in floats.</summary>
internal unsafe struct DepthwisePatch
{
    /// <summary>The corner of the first output: its input pixels lie one vector after the other.</summary>
    public float* Pixels;

    /// <summary>From the corner of one output to that of the next one in its row, and in its column.</summary>
    public nint ColumnStep, RowStep;

    /// <summary>The rows of the filter, in order.</summary>
    public DepthwiseLine* Lines;
    public nint LineCount;

    /// <summary>Filter positions of a line, and from one's pixel to the next one's.</summary>
    public nint Taps, TapStep;

    /// <summary>The vector that every sum starts from; the weights follow.</summary>
    public float* Bias;

    /// <summary>Where the first output is stored, and from there to its neighbours.</summary>
    public float* Output;
    public nint OutputColumn, OutputRow;

    /// <summary>What is added to it; null for nothing.</summary>
    public float* Residual;
    public nint ResidualColumn, ResidualRow;

    /// <summary>Applied last.</summary>
    public Clamp Clamp;

    /// <summary>Channels that are stored.</summary>
    public int Lanes;
}

/// <summary>
/// The inner loops of the depthwise convolution: one vector of channels, the sums in registers. Pixels lie one vector after the other, so their loads are those of
/// the first-level cache; each sum is one chain of fused multiply-adds from its bias, over the filter's positions in order.
/// </summary>
internal static unsafe class DepthwisePatchTiles<S, V> where S : struct, ISimd<V> where V : struct
{
    /// <summary>Columns of the largest tile: with a vector of weights they fill the registers of AVX2, and keep loads from being more than multiply-adds.</summary>
    public const int Largest = 14;

    /// <summary>Columns of the smallest tile whose chains do not wait for each other much.</summary>
    private const int Busy = 5;

    /// <summary>Covers a block of outputs with the largest tiles, then smaller ones: one that is left, or two when it would be too small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Cover(in DepthwisePatch patch, int rows, int columns)
    {
        // Calls for parts of vectors, where they are no single instruction, would keep the sums of whole ones in memory.
        if (patch.Lanes == S.Count)
            Cover<WholeVector<S, V>>(patch, rows, columns);
        else
            Cover<PartOfVector<S, V>>(patch, rows, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Cover<L>(in DepthwisePatch patch, int rows, int columns) where L : struct, ILanes<V>
    {
        (int whole, int rest) = Math.DivRem(columns, Largest);
        if (whole > 0 && rest > 0 && rest < Busy)
            (whole, rest) = (whole - 1, rest + Largest);
        if (whole > 0)
            Tiles<Rows14, L>(patch, rows, 0, whole);
        if (rest == 0)
            return;
        int first = whole * Largest, part = rest > Largest ? (rest + 1) / 2 : rest;
        Tiles<L>(patch, rows, first, part);
        if (part < rest)
            Tiles<L>(patch, rows, first + part, rest - part);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiles<L>(in DepthwisePatch patch, int rows, int first, int columns) where L : struct, ILanes<V>
    {
        switch (columns)
        {
            case 1: Tiles<Rows1, L>(patch, rows, first, 1); return;
            case 2: Tiles<Rows2, L>(patch, rows, first, 1); return;
            case 3: Tiles<Rows3, L>(patch, rows, first, 1); return;
            case 4: Tiles<Rows4, L>(patch, rows, first, 1); return;
            case 5: Tiles<Rows5, L>(patch, rows, first, 1); return;
            case 6: Tiles<Rows6, L>(patch, rows, first, 1); return;
            case 7: Tiles<Rows7, L>(patch, rows, first, 1); return;
            case 8: Tiles<Rows8, L>(patch, rows, first, 1); return;
            case 9: Tiles<Rows9, L>(patch, rows, first, 1); return;
            case 10: Tiles<Rows10, L>(patch, rows, first, 1); return;
            case 11: Tiles<Rows11, L>(patch, rows, first, 1); return;
            case 12: Tiles<Rows12, L>(patch, rows, first, 1); return;
            case 13: Tiles<Rows13, L>(patch, rows, first, 1); return;
            case 14: Tiles<Rows14, L>(patch, rows, first, 1); return;
        }
    }

    /// <summary>
    /// In each row, some tiles of R.Count columns, from column <paramref name="first"/> on. Pointers as in <see cref="Cpu.Gemm.Tiles"/>: x64 can address
    /// base + {0, 1, 2} * step.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tiles<R, L>(in DepthwisePatch patch, int rows, int first, int tiles) where R : struct, IRows where L : struct, ILanes<V>
    {
        nint step = patch.ColumnStep, step2 = 2 * step;
        float* rowPixels = patch.Pixels + first * step, rowOutput = patch.Output + first * patch.OutputColumn, rowResidual = patch.Residual + first * patch.ResidualColumn;
        for (; rows > 0; rows--, rowPixels += patch.RowStep, rowOutput += patch.OutputRow, rowResidual += patch.ResidualRow)
        {
            float* pixels = rowPixels, output = rowOutput, residual = rowResidual;
            for (int tile = tiles; tile > 0; tile--, pixels += R.Count * step)
            {
                V y0 = S.Load(patch.Bias), y1 = y0, y2 = y0, y3 = y0, y4 = y0, y5 = y0, y6 = y0, y7 = y0, y8 = y0, y9 = y0, yA = y0, yB = y0, yC = y0, yD = y0;
                for (nint line = 0; line < patch.LineCount; line++)
                {
                    float* w = patch.Bias + patch.Lines[line].Weights;
                    float* x0 = pixels + patch.Lines[line].Pixel, x3 = x0 + 3 * step, x6 = x3 + 3 * step, x9 = x6 + 3 * step, xC = x9 + 3 * step;
                    for (nint tap = patch.Taps; tap > 0; tap--)
                    {
                        V v = S.Load(w);
                        w += S.Count;
                        y0 = S.Fma(S.Load(x0), v, y0);
                        if (R.Count > 1) y1 = S.Fma(S.Load(x0 + step), v, y1);
                        if (R.Count > 2) y2 = S.Fma(S.Load(x0 + step2), v, y2);
                        if (R.Count > 3) y3 = S.Fma(S.Load(x3), v, y3);
                        if (R.Count > 4) y4 = S.Fma(S.Load(x3 + step), v, y4);
                        if (R.Count > 5) y5 = S.Fma(S.Load(x3 + step2), v, y5);
                        if (R.Count > 6) y6 = S.Fma(S.Load(x6), v, y6);
                        if (R.Count > 7) y7 = S.Fma(S.Load(x6 + step), v, y7);
                        if (R.Count > 8) y8 = S.Fma(S.Load(x6 + step2), v, y8);
                        if (R.Count > 9) y9 = S.Fma(S.Load(x9), v, y9);
                        if (R.Count > 10) yA = S.Fma(S.Load(x9 + step), v, yA);
                        if (R.Count > 11) yB = S.Fma(S.Load(x9 + step2), v, yB);
                        if (R.Count > 12) yC = S.Fma(S.Load(xC), v, yC);
                        if (R.Count > 13) yD = S.Fma(S.Load(xC + step), v, yD);
                        x0 += patch.TapStep;
                        if (R.Count > 3) x3 += patch.TapStep;
                        if (R.Count > 6) x6 += patch.TapStep;
                        if (R.Count > 9) x9 += patch.TapStep;
                        if (R.Count > 12) xC += patch.TapStep;
                    }
                }
                Store<L>(y0, patch, ref output, ref residual);
                if (R.Count > 1) Store<L>(y1, patch, ref output, ref residual);
                if (R.Count > 2) Store<L>(y2, patch, ref output, ref residual);
                if (R.Count > 3) Store<L>(y3, patch, ref output, ref residual);
                if (R.Count > 4) Store<L>(y4, patch, ref output, ref residual);
                if (R.Count > 5) Store<L>(y5, patch, ref output, ref residual);
                if (R.Count > 6) Store<L>(y6, patch, ref output, ref residual);
                if (R.Count > 7) Store<L>(y7, patch, ref output, ref residual);
                if (R.Count > 8) Store<L>(y8, patch, ref output, ref residual);
                if (R.Count > 9) Store<L>(y9, patch, ref output, ref residual);
                if (R.Count > 10) Store<L>(yA, patch, ref output, ref residual);
                if (R.Count > 11) Store<L>(yB, patch, ref output, ref residual);
                if (R.Count > 12) Store<L>(yC, patch, ref output, ref residual);
                if (R.Count > 13) Store<L>(yD, patch, ref output, ref residual);
            }
        }
    }

    /// <summary>Adds the residual, clamps and stores one output, and moves on to the next one in its row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<L>(V y, in DepthwisePatch patch, ref float* output, ref float* residual) where L : struct, ILanes<V>
    {
        if (patch.Residual is not null)
        {
            y = S.Add(y, L.Load(residual, patch.Lanes));
            residual += patch.ResidualColumn;
        }
        y = patch.Clamp.Apply<S, V>(y);
        L.Store(y, output, patch.Lanes);
        output += patch.OutputColumn;
    }
}
