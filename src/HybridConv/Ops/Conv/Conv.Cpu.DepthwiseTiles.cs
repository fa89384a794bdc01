using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Ops.Conv;

/// <summary>How a vector of channels is read and written: whole, or its first lanes where the channels end.</summary>
internal unsafe interface ILanes<V> where V : struct
{
    static abstract V Load(float* p, int lanes);

    static abstract void Store(V v, float* p, int lanes);
}

internal readonly unsafe struct WholeVector<S, V> : ILanes<V> where S : struct, ISimd<V> where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static V Load(float* p, int lanes) => S.Load(p);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(V v, float* p, int lanes) => S.Store(v, p);
}

internal readonly unsafe struct PartOfVector<S, V> : ILanes<V> where S : struct, ISimd<V> where V : struct
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static V Load(float* p, int lanes) => S.LoadPartial(p, lanes);
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Store(V v, float* p, int lanes) => S.StorePartial(v, p, lanes);
}

/// <summary>The inner loops of the depthwise convolution: one vector of channels, accumulators in registers.</summary>
internal static unsafe class DepthwiseTiles<S, V, L> where S : struct, ISimd<V> where V : struct where L : struct, ILanes<V>
{
    /// <summary>Output columns that advance together: as many chains as two pipelines of fused multiply-adds need.</summary>
    public const int Together = 8;

    /// <summary>Columns that the tile of two rows is wide.</summary>
    public const int ThreeByThreeColumns = 4;

    /// <summary>
    /// Columns [from, to) of one output row, at least <see cref="Together"/> of them, all of which see the same filter positions; of each tile all vectors, so that
    /// memory is read and written in its order. The last tile is moved back to end with the columns: it computes some of them again, to the same bits, so the residual must not be where the output goes.
    /// </summary>
    /// <param name="taps">The lines; its corner is not used.</param>
    /// <param name="x">What the first filter position of column <paramref name="from"/> reads.</param>
    /// <param name="filter">The weights of those filter positions, for the first vector.</param>
    /// <param name="column">From one output column's input to the next one's.</param>
    /// <param name="bias">The first vector's block of weights, which begins with its bias.</param>
    /// <param name="block">From one vector's block of weights to the next one's.</param>
    /// <param name="vectors">How many; 1 when the vector is not whole.</param>
    /// <param name="outputs">Where column 0 goes.</param>
    /// <param name="from">The first column.</param>
    /// <param name="to">The end of the columns.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Columns(
        in DepthwiseTaps taps, float* x, in DepthwiseFilter filter, nint column, float* bias, nint block, int vectors, in DepthwiseOutputs outputs, int from, int to)
    {
        int lanes = outputs.Lanes, countW = filter.CountW;
        nint stepW = filter.StepX;
        for (int q = from; ; q = Math.Min(q + Together, to - Together))
        {
            float* firstX = x + (q - from) * column, firstF = filter.First, start = bias;
            for (int v = 0; v < vectors; v++, firstX += S.Count, firstF += block, start += block)
            {
                V y0 = S.Load(start), y1 = y0, y2 = y0, y3 = y0, y4 = y0, y5 = y0, y6 = y0, y7 = y0;
                float* planeX = firstX, planeF = firstF;
                for (int d = 0; d < taps.CountD; d++, planeX += taps.StepD, planeF += filter.StepD)
                {
                    float* lineX = planeX, lineF = planeF;
                    for (int h = 0; h < taps.CountH; h++, lineX += taps.StepH, lineF += filter.StepH)
                    {
                        float* x0 = lineX, x3 = x0 + 3 * column, x6 = x3 + 3 * column, f = lineF;
                        for (int w = 0; w < countW; w++, x0 += stepW, x3 += stepW, x6 += stepW, f += S.Count)
                        {
                            V weight = S.Load(f);
                            y0 = S.Fma(L.Load(x0, lanes), weight, y0);
                            y1 = S.Fma(L.Load(x0 + column, lanes), weight, y1);
                            y2 = S.Fma(L.Load(x0 + 2 * column, lanes), weight, y2);
                            y3 = S.Fma(L.Load(x3, lanes), weight, y3);
                            y4 = S.Fma(L.Load(x3 + column, lanes), weight, y4);
                            y5 = S.Fma(L.Load(x3 + 2 * column, lanes), weight, y5);
                            y6 = S.Fma(L.Load(x6, lanes), weight, y6);
                            y7 = S.Fma(L.Load(x6 + column, lanes), weight, y7);
                        }
                    }
                }
                int channel = v * S.Count;
                Finish(y0, outputs, q, channel);
                Finish(y1, outputs, q + 1, channel);
                Finish(y2, outputs, q + 2, channel);
                Finish(y3, outputs, q + 3, channel);
                Finish(y4, outputs, q + 4, channel);
                Finish(y5, outputs, q + 5, channel);
                Finish(y6, outputs, q + 6, channel);
                Finish(y7, outputs, q + 7, channel);
            }
            if (q + Together == to)
                return;
        }
    }

    /// <summary>One column of one output row, for one vector of channels after the other: four chains at a time.</summary>
    /// <param name="taps">The lines; its corner is not used.</param>
    /// <param name="x">What the first filter position reads.</param>
    /// <param name="filter">The weights of the filter positions, for the first vector.</param>
    /// <param name="bias">The first vector's block of weights, which begins with its bias.</param>
    /// <param name="block">From one vector's block of weights to the next one's.</param>
    /// <param name="vectors">How many; 1 when the vector is not whole.</param>
    /// <param name="outputs">Where column 0 goes.</param>
    /// <param name="column">The column.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Column(
        in DepthwiseTaps taps, float* x, in DepthwiseFilter filter, float* bias, nint block, int vectors, in DepthwiseOutputs outputs, int column)
    {
        int lanes = outputs.Lanes, countW = filter.CountW;
        nint stepW = filter.StepX;
        float* first = filter.First;
        int v = 0;
        for (; v + 4 <= vectors; v += 4, x += 4 * S.Count, first += 4 * block, bias += 4 * block)
        {
            V y0 = S.Load(bias), y1 = S.Load(bias + block), y2 = S.Load(bias + 2 * block), y3 = S.Load(bias + 3 * block);
            float* planeX = x, planeF = first;
            for (int d = 0; d < taps.CountD; d++, planeX += taps.StepD, planeF += filter.StepD)
            {
                float* lineX = planeX, lineF = planeF;
                for (int h = 0; h < taps.CountH; h++, lineX += taps.StepH, lineF += filter.StepH)
                {
                    float* p = lineX, f = lineF;
                    for (int w = 0; w < countW; w++, p += stepW, f += S.Count)
                    {
                        y0 = S.Fma(L.Load(p, lanes), S.Load(f), y0);
                        y1 = S.Fma(L.Load(p + S.Count, lanes), S.Load(f + block), y1);
                        y2 = S.Fma(L.Load(p + 2 * S.Count, lanes), S.Load(f + 2 * block), y2);
                        y3 = S.Fma(L.Load(p + 3 * S.Count, lanes), S.Load(f + 3 * block), y3);
                    }
                }
            }
            Finish(y0, outputs, column, v * S.Count);
            Finish(y1, outputs, column, (v + 1) * S.Count);
            Finish(y2, outputs, column, (v + 2) * S.Count);
            Finish(y3, outputs, column, (v + 3) * S.Count);
        }
        for (; v < vectors; v++, x += S.Count, first += block, bias += block)
        {
            V y = S.Load(bias);
            float* planeX = x, planeF = first;
            for (int d = 0; d < taps.CountD; d++, planeX += taps.StepD, planeF += filter.StepD)
            {
                float* lineX = planeX, lineF = planeF;
                for (int h = 0; h < taps.CountH; h++, lineX += taps.StepH, lineF += filter.StepH)
                    for (int w = 0; w < countW; w++)
                        y = S.Fma(L.Load(lineX + w * stepW, lanes), S.Load(lineF + w * S.Count), y);
            }
            Finish(y, outputs, column, v * S.Count);
        }
    }

    /// <summary>
    /// A 3x3 filter of stride 1 on two output rows and four columns at a time: each of the nine weights and of the 4 x 6 inputs is loaded once; of each tile all vectors.
    /// <code>
    /// input  . . . . . .     output row 0 sees lines 0 1 2
    ///        . . . . . .     output row 1 sees lines 1 2 3
    ///        . . . . . .     column q sees inputs q, q+1, q+2
    ///        . . . . . .
    /// </code>
    /// Inputs are taken in order, so every chain is in (r, s) order. The last tile is moved back to end with the columns.
    /// </summary>
    /// <param name="taps">Four whole lines.</param>
    /// <param name="weights">The first vector's block: bias, then nine vectors.</param>
    /// <param name="block">From one vector's block of weights to the next one's.</param>
    /// <param name="vectors">How many; 1 when the vector is not whole.</param>
    /// <param name="outputs">Where column 0 of the upper row goes.</param>
    /// <param name="down">From the upper output row to the lower one.</param>
    /// <param name="downResidual">Likewise for the residual.</param>
    /// <param name="from">The first column.</param>
    /// <param name="to">The end of the columns; there are at least four, and none of them sees padding.</param>
    /// <param name="start">The input column that filter position 0 of column <paramref name="from"/> reads.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void ThreeByThree(
        in DepthwiseTaps taps, float* weights, nint block, int vectors, in DepthwiseOutputs outputs, nint down, nint downResidual, int from, int to, int start)
    {
        int lanes = outputs.Lanes;
        DepthwiseOutputs lower = outputs.Down(down, downResidual);
        nint pixel = taps.Pixel;
        for (int q = from; ; q = Math.Min(q + 4, to - 4))
        {
            float* corner = taps.Corner + (start + q - from) * pixel, first = weights;
            for (int vector = 0; vector < vectors; vector++, corner += S.Count, first += block)
            {
                V bias = S.Load(first);
                V a0 = bias, a1 = bias, a2 = bias, a3 = bias, b0 = bias, b1 = bias, b2 = bias, b3 = bias;
                // No line needs more than six of the weights: with the sums and an input that is fifteen registers.
                V w0 = S.Load(first + S.Count), w1 = S.Load(first + 2 * S.Count), w2 = S.Load(first + 3 * S.Count);
                float* x = corner;
                V v = L.Load(x, lanes);
                a0 = S.Fma(v, w0, a0);
                v = L.Load(x + pixel, lanes);
                a0 = S.Fma(v, w1, a0); a1 = S.Fma(v, w0, a1);
                v = L.Load(x + 2 * pixel, lanes);
                a0 = S.Fma(v, w2, a0); a1 = S.Fma(v, w1, a1); a2 = S.Fma(v, w0, a2);
                v = L.Load(x + 3 * pixel, lanes);
                a1 = S.Fma(v, w2, a1); a2 = S.Fma(v, w1, a2); a3 = S.Fma(v, w0, a3);
                v = L.Load(x + 4 * pixel, lanes);
                a2 = S.Fma(v, w2, a2); a3 = S.Fma(v, w1, a3);
                v = L.Load(x + 5 * pixel, lanes);
                a3 = S.Fma(v, w2, a3);

                x += taps.StepH;
                V w3 = S.Load(first + 4 * S.Count), w4 = S.Load(first + 5 * S.Count), w5 = S.Load(first + 6 * S.Count);
                v = L.Load(x, lanes);
                a0 = S.Fma(v, w3, a0); b0 = S.Fma(v, w0, b0);
                v = L.Load(x + pixel, lanes);
                a0 = S.Fma(v, w4, a0); a1 = S.Fma(v, w3, a1); b0 = S.Fma(v, w1, b0); b1 = S.Fma(v, w0, b1);
                v = L.Load(x + 2 * pixel, lanes);
                a0 = S.Fma(v, w5, a0); a1 = S.Fma(v, w4, a1); a2 = S.Fma(v, w3, a2); b0 = S.Fma(v, w2, b0); b1 = S.Fma(v, w1, b1); b2 = S.Fma(v, w0, b2);
                v = L.Load(x + 3 * pixel, lanes);
                a1 = S.Fma(v, w5, a1); a2 = S.Fma(v, w4, a2); a3 = S.Fma(v, w3, a3); b1 = S.Fma(v, w2, b1); b2 = S.Fma(v, w1, b2); b3 = S.Fma(v, w0, b3);
                v = L.Load(x + 4 * pixel, lanes);
                a2 = S.Fma(v, w5, a2); a3 = S.Fma(v, w4, a3); b2 = S.Fma(v, w2, b2); b3 = S.Fma(v, w1, b3);
                v = L.Load(x + 5 * pixel, lanes);
                a3 = S.Fma(v, w5, a3); b3 = S.Fma(v, w2, b3);

                x += taps.StepH;
                V w6 = S.Load(first + 7 * S.Count), w7 = S.Load(first + 8 * S.Count), w8 = S.Load(first + 9 * S.Count);
                v = L.Load(x, lanes);
                a0 = S.Fma(v, w6, a0); b0 = S.Fma(v, w3, b0);
                v = L.Load(x + pixel, lanes);
                a0 = S.Fma(v, w7, a0); a1 = S.Fma(v, w6, a1); b0 = S.Fma(v, w4, b0); b1 = S.Fma(v, w3, b1);
                v = L.Load(x + 2 * pixel, lanes);
                a0 = S.Fma(v, w8, a0); a1 = S.Fma(v, w7, a1); a2 = S.Fma(v, w6, a2); b0 = S.Fma(v, w5, b0); b1 = S.Fma(v, w4, b1); b2 = S.Fma(v, w3, b2);
                v = L.Load(x + 3 * pixel, lanes);
                a1 = S.Fma(v, w8, a1); a2 = S.Fma(v, w7, a2); a3 = S.Fma(v, w6, a3); b1 = S.Fma(v, w5, b1); b2 = S.Fma(v, w4, b2); b3 = S.Fma(v, w3, b3);
                v = L.Load(x + 4 * pixel, lanes);
                a2 = S.Fma(v, w8, a2); a3 = S.Fma(v, w7, a3); b2 = S.Fma(v, w5, b2); b3 = S.Fma(v, w4, b3);
                v = L.Load(x + 5 * pixel, lanes);
                a3 = S.Fma(v, w8, a3); b3 = S.Fma(v, w5, b3);

                x += taps.StepH;
                v = L.Load(x, lanes);
                b0 = S.Fma(v, w6, b0);
                v = L.Load(x + pixel, lanes);
                b0 = S.Fma(v, w7, b0); b1 = S.Fma(v, w6, b1);
                v = L.Load(x + 2 * pixel, lanes);
                b0 = S.Fma(v, w8, b0); b1 = S.Fma(v, w7, b1); b2 = S.Fma(v, w6, b2);
                v = L.Load(x + 3 * pixel, lanes);
                b1 = S.Fma(v, w8, b1); b2 = S.Fma(v, w7, b2); b3 = S.Fma(v, w6, b3);
                v = L.Load(x + 4 * pixel, lanes);
                b2 = S.Fma(v, w8, b2); b3 = S.Fma(v, w7, b3);
                v = L.Load(x + 5 * pixel, lanes);
                b3 = S.Fma(v, w8, b3);

                int channel = vector * S.Count;
                Finish(a0, outputs, q, channel);
                Finish(a1, outputs, q + 1, channel);
                Finish(a2, outputs, q + 2, channel);
                Finish(a3, outputs, q + 3, channel);
                Finish(b0, lower, q, channel);
                Finish(b1, lower, q + 1, channel);
                Finish(b2, lower, q + 2, channel);
                Finish(b3, lower, q + 3, channel);
            }
            if (q + 4 == to)
                return;
        }
    }

    /// <summary>Adds the residual, clamps and stores one vector of one column, <paramref name="channel"/> channels behind the first.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Finish(V y, in DepthwiseOutputs outputs, int column, int channel)
    {
        if (outputs.Residual is not null)
            y = S.Add(y, L.Load(outputs.Residual + column * outputs.ResidualPixel + channel, outputs.Lanes));
        L.Store(outputs.Clamp.Apply<S, V>(y), outputs.Row + column * outputs.Pixel + channel, outputs.Lanes);
    }
}
