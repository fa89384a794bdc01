using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Ops;

namespace HybridConv.Cpu.Gemm;

/// <summary>How a strip's results are completed: residual first, then the activation.</summary>
/// <param name="Residual">The residual of the strip's first pixel and channel; null when there is none.</param>
/// <param name="ResidualStride">Floats between the residuals of two pixels.</param>
/// <param name="Activation">Applied last.</param>
internal readonly unsafe record struct Completion(nint Residual, nint ResidualStride, Activation Activation)
{
    /// <summary>Whether the activation is more than a clamp: it then runs over finished tiles while they are in the first-level cache.</summary>
    public bool RunsAfterTiles => Activation.Kind is not (ActivationKind.None or ActivationKind.Clamp);

    public float Min => Activation.Kind == ActivationKind.Clamp ? Activation.A : float.NegativeInfinity;

    public float Max => Activation.Kind == ActivationKind.Clamp ? Activation.B : float.PositiveInfinity;

    public Completion Skip(nint pixels) => this with { Residual = Residual + pixels * ResidualStride * sizeof(float) };
}

/// <summary>Covers strips of pixels with tiles. Which tile computes an output never changes its bits: all follow the same chain.</summary>
internal static unsafe class PanelProduct<S, V> where S : struct, ISimd<V> where V : struct
{
    /// <summary>Pixels of the largest tile.</summary>
    public static int TilePixels => S.Count == 16 ? 14 : 6;

    /// <summary>The tiles that cover some pixels of a strip.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static nint TilesOver(nint pixels, nint pixelBytes) => (pixels + LargestTile(pixelBytes) - 1) / LargestTile(pixelBytes);

    /// <summary>Floats in a row of the strip's panel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Width(in Strip strip) => strip.Wide ? 2 * S.Count : S.Count;

    /// <summary>The largest tile's pixels, or as many as stay in the cache where they collide.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint LargestTile(nint pixelBytes) =>
        pixelBytes % PointwiseKernel.CollidingBytes == 0 ? Math.Min(PointwiseKernel.CollidingPixels, TilePixels) : TilePixels;

    /// <summary>Tiles between whose computing and completing nothing leaves the first-level cache.</summary>
    private const int BlockTiles = 4;

    /// <summary>Pixels of the smallest tile whose chains of multiply-adds do not wait for each other.</summary>
    private static int BusyPixels => S.Count == 16 ? 6 : 4;

    /// <summary>Multiplies evenly spaced pixels by one panel, completes the sums and stores exactly <paramref name="channels"/> of each pixel, from <paramref name="firstChannel"/> on.</summary>
    /// <param name="strip">What all tiles have in common.</param>
    /// <param name="a">The input of the first pixel, from which the strip's segments count.</param>
    /// <param name="c">Where the first of the channels is stored for the first pixel.</param>
    /// <param name="pixels">Their number.</param>
    /// <param name="channels">Output channels, at most those of the panel.</param>
    /// <param name="completion">For the first pixel and channel.</param>
    /// <param name="firstChannel">The first of them, counted from the panel's first.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Multiply(in Strip strip, byte* a, float* c, nint pixels, int channels, Completion completion, int firstChannel = 0)
    {
        bool whole = channels == Width(strip);
        if (whole && !completion.RunsAfterTiles)
        {
            Store(strip, a, c, pixels, completion);
            return;
        }

        // A few tiles at a time, so that what follows finds them in the first-level cache.
        nint block = BlockTiles * TilePixels;
        for (nint done = 0; done < pixels; done += block)
        {
            nint count = Math.Min(block, pixels - done);
            Strip part = strip.Skip(TilesOver(done, strip.PixelBytes));
            float* to = c + done * strip.OutputStride;
            if (whole)
                Store(part, a + done * strip.PixelBytes, to, count, completion.Skip(done));
            else
                StorePart(part, a + done * strip.PixelBytes, to, count, firstChannel, channels, completion.Skip(done));
            if (completion.RunsAfterTiles)
                ActivationFunctions.Apply<S, V>(completion.Activation, to, count, strip.OutputStride, channels);
        }
    }

    /// <summary>Multiplies one pixel by <see cref="PixelTile.Panels"/> wide panels without zeros, and stores their channels one after the other.</summary>
    /// <param name="strip">The first of the panels.</param>
    /// <param name="panelFloats">From one panel to the next.</param>
    /// <param name="a">The pixel's input.</param>
    /// <param name="c">Where its first channel is stored.</param>
    /// <param name="completion">For that channel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void MultiplyPixel(in Strip strip, nint panelFloats, float* a, float* c, Completion completion)
    {
        if (completion.Residual == 0)
            PixelTile.Run<S, V, ClampEpilogue>(strip, panelFloats, a, c, new ClampEpilogue(completion.Min, completion.Max));
        else
            PixelTile.Run<S, V, ResidualEpilogue>(strip, panelFloats, a, c, new ResidualEpilogue((float*)completion.Residual, 0, completion.Min, completion.Max));
        if (completion.RunsAfterTiles)
            ActivationFunctions.Apply<S, V>(completion.Activation, c, PixelTile.Panels * 2 * S.Count);
    }

    /// <summary>All of the panel's channels: tiles store them where they belong.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Store(in Strip strip, byte* a, float* c, nint pixels, in Completion completion)
    {
        if (completion.Residual == 0)
            Cover(strip, a, c, pixels, 0, new ClampEpilogue(completion.Min, completion.Max));
        else
            Cover(strip, a, c, pixels, completion.ResidualStride,
                new ResidualEpilogue((float*)completion.Residual, completion.ResidualStride, completion.Min, completion.Max));
    }

    /// <summary>
    /// A part of the panel's channels: tiles store sums on the stack, and the channels that exist are completed and stored from there. A block of tiles at most.
    /// </summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StorePart(Strip strip, byte* a, float* c, nint pixels, int firstChannel, int channels, Completion completion)
    {
        // One vector more than the tiles store: the last channels are loaded as a whole vector.
        float* sums = stackalloc float[(BlockTiles * 14 * 2 + 1) * 16];
        nint stride = strip.OutputStride;
        strip.OutputStride = Width(strip);
        Cover(strip, a, sums, pixels, 0, ClampEpilogue.None);
        V min = S.Create(completion.Min), max = S.Create(completion.Max);
        for (nint pixel = 0; pixel < pixels; pixel++)
            for (int channel = 0; channel < channels; channel += S.Count)
            {
                int count = Math.Min(S.Count, channels - channel);
                V v = S.Load(sums + pixel * strip.OutputStride + firstChannel + channel);
                if (completion.Residual != 0)
                    v = S.Add(v, S.LoadPartial((float*)completion.Residual + pixel * completion.ResidualStride + channel, count));
                S.StorePartial(S.Min(max, S.Max(min, v)), c + pixel * stride + channel, count);
            }
    }

    /// <summary>
    /// Covers pixels with a run of the largest tile and a smaller one; where that would be too small to keep the multipliers busy, two tiles share its pixels and
    /// those of one of the largest.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Cover<E>(in Strip strip, byte* a, float* c, nint pixels, nint residualStride, E epilogue) where E : struct, IEpilogue<E>
    {
        nint most = LargestTile(strip.PixelBytes);
        (nint whole, nint rest) = Math.DivRem(pixels, most);
        if (whole > 0 && rest > 0 && rest < BusyPixels)
            (whole, rest) = (whole - 1, rest + most);
        if (whole > 0)
            Run(strip, a, c, most, whole, residualStride, epilogue);
        if (rest == 0)
            return;
        nint first = rest > most ? (rest + 1) / 2 : rest, done = whole * most;
        Run(strip.Skip(whole), a + done * strip.PixelBytes, c + done * strip.OutputStride, first, 1, residualStride, epilogue.Skip(done * residualStride));
        if (first == rest)
            return;
        done += first;
        Run(strip.Skip(whole + 1), a + done * strip.PixelBytes, c + done * strip.OutputStride, rest - first, 1, residualStride,
            epilogue.Skip(done * residualStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Run<E>(in Strip strip, byte* a, float* c, nint rows, nint tiles, nint residualStride, E epilogue) where E : struct, IEpilogue<E>
    {
        var run = new TileRun(tiles, rows * strip.PixelBytes, rows * strip.OutputStride, rows * residualStride);
        if (strip.Wide)
            Run<TwoVectors, E>(rows, strip, a, c, run, epilogue);
        else
            Run<OneVector, E>(rows, strip, a, c, run, epilogue);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run<W, E>(nint rows, in Strip strip, byte* a, float* c, in TileRun run, E epilogue)
        where W : struct, IVectors where E : struct, IEpilogue<E>
    {
        switch (rows)
        {
            case 1: Tiles.Run<S, V, Rows1, W, E>(strip, a, c, run, epilogue); return;
            case 2: Tiles.Run<S, V, Rows2, W, E>(strip, a, c, run, epilogue); return;
            case 3: Tiles.Run<S, V, Rows3, W, E>(strip, a, c, run, epilogue); return;
            case 4: Tiles.Run<S, V, Rows4, W, E>(strip, a, c, run, epilogue); return;
            case 5: Tiles.Run<S, V, Rows5, W, E>(strip, a, c, run, epilogue); return;
            case 6: Tiles.Run<S, V, Rows6, W, E>(strip, a, c, run, epilogue); return;
        }

        // Compiled for AVX-512 only: others have no registers for more.
        if (S.Count == 16)
            switch (rows)
            {
                case 7: Tiles.Run<S, V, Rows7, W, E>(strip, a, c, run, epilogue); return;
                case 8: Tiles.Run<S, V, Rows8, W, E>(strip, a, c, run, epilogue); return;
                case 9: Tiles.Run<S, V, Rows9, W, E>(strip, a, c, run, epilogue); return;
                case 10: Tiles.Run<S, V, Rows10, W, E>(strip, a, c, run, epilogue); return;
                case 11: Tiles.Run<S, V, Rows11, W, E>(strip, a, c, run, epilogue); return;
                case 12: Tiles.Run<S, V, Rows12, W, E>(strip, a, c, run, epilogue); return;
                case 13: Tiles.Run<S, V, Rows13, W, E>(strip, a, c, run, epilogue); return;
                case 14: Tiles.Run<S, V, Rows14, W, E>(strip, a, c, run, epilogue); return;
            }
    }
}
