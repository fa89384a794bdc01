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
        bool whole = channels == (strip.Wide ? 2 * S.Count : S.Count);
        if (whole && !completion.RunsAfterTiles)
        {
            Store(strip, a, c, pixels, completion);
            return;
        }

        // A few tiles at a time, so that what follows finds them in the first-level cache.
        nint block = whole ? 4 * TilePixels : TilePixels;
        for (nint done = 0; done < pixels; done += block)
        {
            nint count = Math.Min(block, pixels - done);
            float* to = c + done * strip.OutputStride;
            if (whole)
                Store(strip, a + done * strip.PixelBytes, to, count, completion.Skip(done));
            else
                StorePart(strip, a + done * strip.PixelBytes, to, count, firstChannel, channels, completion.Skip(done));
            if (completion.RunsAfterTiles)
                ActivationFunctions.Apply<S, V>(completion.Activation, to, count, strip.OutputStride, channels);
        }
    }

    /// <summary>All of the panel's channels: tiles store them where they belong.</summary>
    private static void Store(in Strip strip, byte* a, float* c, nint pixels, in Completion completion)
    {
        if (completion.Residual == 0)
            Cover(strip, a, c, pixels, new ClampEpilogue(completion.Min, completion.Max));
        else
            Cover(strip, a, c, pixels, new ResidualEpilogue((float*)completion.Residual, completion.ResidualStride, completion.Min, completion.Max));
    }

    /// <summary>A part of the panel's channels: tiles store sums on the stack, and the channels that exist are completed and stored from there. One tile at most.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void StorePart(Strip strip, byte* a, float* c, nint pixels, int firstChannel, int channels, Completion completion)
    {
        // One vector more than the largest tile: the last channels are loaded as a whole vector.
        float* sums = stackalloc float[(14 * 2 + 1) * 16];
        nint stride = strip.OutputStride;
        strip.OutputStride = strip.Wide ? 2 * S.Count : S.Count;
        Cover(strip, a, sums, pixels, ClampEpilogue.None);
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

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Cover<E>(in Strip strip, byte* a, float* c, nint pixels, E epilogue) where E : struct, IEpilogue<E>
    {
        nint done = 0;
        while (done < pixels)
        {
            nint left = pixels - done;
            byte* from = a + done * strip.PixelBytes;
            float* to = c + done * strip.OutputStride;
            E own = epilogue.Skip(done);
            done += strip.Wide ? Wide(strip, from, to, left, own) : Narrow(strip, from, to, left, own);
        }
    }

    /// <summary>Runs the largest tile that fits, but 4 and 3 for 7 pixels rather than 6 and a lone one, whose two chains would wait for each other; gives its pixels.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Wide<E>(in Strip strip, byte* a, float* c, nint pixels, E epilogue) where E : struct, IEpilogue<E>
    {
        if (S.Count == 16 && pixels >= 14 && strip.PixelBytes % PointwiseKernel.CollidingBytes != 0)
        {
            WideTiles.Rows14<S, V, E>(strip, a, c, epilogue);
            return 14;
        }
        if (S.Count == 16 && pixels >= 7)
        {
            WideTiles.Rows7<S, V, E>(strip, a, c, epilogue);
            return 7;
        }
        if (S.Count != 16 && pixels >= 6 && pixels != 7)
        {
            WideTiles.Rows6<S, V, E>(strip, a, c, epilogue);
            return 6;
        }
        if (pixels >= 4)
        {
            WideTiles.Rows4<S, V, E>(strip, a, c, epilogue);
            return 4;
        }
        if (pixels == 3)
        {
            WideTiles.Rows3<S, V, E>(strip, a, c, epilogue);
            return 3;
        }
        if (pixels >= 2)
        {
            WideTiles.Rows2<S, V, E>(strip, a, c, epilogue);
            return 2;
        }
        WideTiles.Rows1<S, V, E>(strip, a, c, epilogue);
        return 1;
    }

    /// <summary>As <see cref="Wide"/>, for panels of one vector.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nint Narrow<E>(in Strip strip, byte* a, float* c, nint pixels, E epilogue) where E : struct, IEpilogue<E>
    {
        if (S.Count == 16 && pixels >= 14)
        {
            NarrowTiles.Rows14<S, V, E>(strip, a, c, epilogue);
            return 14;
        }
        if (S.Count == 16 && pixels >= 7)
        {
            NarrowTiles.Rows7<S, V, E>(strip, a, c, epilogue);
            return 7;
        }
        if (S.Count != 16 && pixels >= 6)
        {
            NarrowTiles.Rows6<S, V, E>(strip, a, c, epilogue);
            return 6;
        }
        if (pixels >= 4)
        {
            NarrowTiles.Rows4<S, V, E>(strip, a, c, epilogue);
            return 4;
        }
        if (pixels >= 2)
        {
            NarrowTiles.Rows2<S, V, E>(strip, a, c, epilogue);
            return 2;
        }
        NarrowTiles.Rows1<S, V, E>(strip, a, c, epilogue);
        return 1;
    }
}
