using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Ops;

namespace HybridConv.Cpu.Gemm;

/// <summary>One number per channel, for all images or for each.</summary>
/// <param name="Input">The node's input that holds them; channels are contiguous.</param>
/// <param name="ImageStride">Floats from one image's numbers to the next one's; 0 where all images have the same.</param>
internal sealed record PixelNumbers(int Input, nint ImageStride);

/// <summary>What happens to pixels before they are multiplied with weights: activation(x * scale + shift), the product and sum rounded once.</summary>
/// <param name="ImagePixels">Pixels of one image on a line that holds several.</param>
/// <param name="Scale">Factors.</param>
/// <param name="Shift">What is added; null for nothing.</param>
/// <param name="Activation">Applied last.</param>
internal sealed unsafe record PixelScaling(int ImagePixels, PixelNumbers Scale, PixelNumbers? Shift, Activation Activation)
{
    private readonly bool clamps = Activation.Kind == ActivationKind.Clamp;

    /// <summary>Floats between two scaled pixels: their channels, and a gap where pixels would collide in the first-level cache.</summary>
    public static int Stride(int channels) => channels * sizeof(float) % PointwiseKernel.CollidingBytes == 0 ? channels + AlignedMemory.Alignment / sizeof(float) : channels;

    /// <summary>Scales the pixels [firstPixel, firstPixel + pixels) of one line.</summary>
    /// <param name="args">Holds the numbers.</param>
    /// <param name="from">The first pixel.</param>
    /// <param name="step">Floats to the next one.</param>
    /// <param name="to">Where they go, <see cref="Stride"/> apart.</param>
    /// <param name="image">The image that the line begins with.</param>
    /// <param name="firstPixel">The first pixel, counted from the line's.</param>
    /// <param name="pixels">Their number.</param>
    /// <param name="channels">Of each pixel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<S, V>(in StepArgs args, float* from, nint step, float* to, int image, int firstPixel, int pixels, int channels) where S : struct, ISimd<V> where V : struct
    {
        float* scale = args.Input<float>(Scale.Input), shift = Shift is null ? null : args.Input<float>(Shift.Input);
        V min = S.Create(clamps ? Activation.A : float.NegativeInfinity), max = S.Create(clamps ? Activation.B : float.PositiveInfinity);
        nint stride = Stride(channels);
        for (int pixel = 0; pixel < pixels; pixel++, from += step, to += stride)
        {
            int own = image + (firstPixel + pixel) / ImagePixels;
            float* factors = scale + own * Scale.ImageStride;
            if (shift is null)
                Multiply<S, V>(from, factors, to, channels, min, max);
            else
                MultiplyAdd<S, V>(from, factors, shift + own * Shift!.ImageStride, to, channels, min, max);
            if (!clamps && !Activation.IsNone)
                ActivationFunctions.Apply<S, V>(Activation, to, channels);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply<S, V>(float* x, float* factors, float* y, nint channels, V min, V max) where S : struct, ISimd<V> where V : struct
    {
        nint c = 0;
        for (; c <= channels - S.Count; c += S.Count)
            S.Store(S.Min(max, S.Max(min, S.Mul(S.Load(x + c), S.Load(factors + c)))), y + c);
        if (c < channels)
        {
            int rest = (int)(channels - c);
            S.StorePartial(S.Min(max, S.Max(min, S.Mul(S.LoadPartial(x + c, rest), S.LoadPartial(factors + c, rest)))), y + c, rest);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MultiplyAdd<S, V>(float* x, float* factors, float* shifts, float* y, nint channels, V min, V max) where S : struct, ISimd<V> where V : struct
    {
        nint c = 0;
        for (; c <= channels - S.Count; c += S.Count)
            S.Store(S.Min(max, S.Max(min, S.Fma(S.Load(x + c), S.Load(factors + c), S.Load(shifts + c)))), y + c);
        if (c < channels)
        {
            int rest = (int)(channels - c);
            V v = S.Fma(S.LoadPartial(x + c, rest), S.LoadPartial(factors + c, rest), S.LoadPartial(shifts + c, rest));
            S.StorePartial(S.Min(max, S.Max(min, v)), y + c, rest);
        }
    }
}
