using System.Runtime.CompilerServices;
using HybridConv.Graphs;
using HybridConv.Ops.Conv;

namespace HybridConv.Ops.Windows;

/// <summary>
/// A window that slides along one spatial axis: output position o sees the input positions <c>o*Stride - PadBegin + tap*Dilation</c> for tap in [0, Kernel),
/// as far as they lie in [0, Input). All its arithmetic fits into 32 bits, which <see cref="Resolve"/> guarantees.
/// </summary>
internal readonly record struct Window(int Input, int Output, int Kernel, int Stride, int Dilation, int PadBegin, int PadEnd)
{
    /// <summary>Input positions from the first tap to the last, both included.</summary>
    public int Extent => (Kernel - 1) * Dilation + 1;

    /// <summary>Where tap 0 of an output position lies; negative in the padding.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Start(int output) => output * Stride - PadBegin;

    /// <summary>The first tap of an output position that is not in the padding before the image; may be <see cref="Kernel"/> or more.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int FirstTap(int output) => Start(output) >= 0 ? 0 : (-Start(output) + Dilation - 1) / Dilation;

    /// <summary>The end of the taps of an output position that lie before <paramref name="limit"/> (the image's size, or that of the padded image).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int EndTap(int output, int limit) => Start(output) >= limit ? 0 : Math.Min(Kernel, (limit - Start(output) - 1) / Dilation + 1);

    /// <summary>The end of the taps of an output position that lie before the image's end; may be less than <see cref="FirstTap"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int EndTap(int output) => EndTap(output, Input);

    /// <summary>The output positions from Start up to End, all of whose taps lie in the image; empty where there are none.</summary>
    public (int Start, int End) Unpadded
    {
        get
        {
            int start = Math.Min(Output, (PadBegin + Stride - 1) / Stride), last = Input - Extent + PadBegin;
            return (start, Math.Max(start, last < 0 ? 0 : Math.Min(Output, last / Stride + 1)));
        }
    }

    /// <summary>
    /// One window per spatial axis of attributes as read: absent lists get their defaults, <paramref name="autoPad"/> becomes pads, everything is checked.
    /// Resolving the result's own lists again gives the same.
    /// </summary>
    /// <param name="x">The node, for errors.</param>
    /// <param name="image">The spatial sizes of the input.</param>
    /// <param name="kernel">One size per spatial axis.</param>
    /// <param name="strides">One per spatial axis; null for ones.</param>
    /// <param name="dilations">One per spatial axis; null for ones.</param>
    /// <param name="pads">Begins of the spatial axes, then ends; null for zeros. Not read when <paramref name="autoPad"/> computes them.</param>
    /// <param name="autoPad">How pads are computed.</param>
    /// <param name="ceil">Whether a last window may reach over the end of the padded image. It must still start in the image or the padding before it.</param>
    /// <exception cref="ShapeException">A list has the wrong length, a value is out of range, or a window does not fit into the padded image.</exception>
    public static Window[] Resolve(
        Inference x, ReadOnlySpan<long> image, long[] kernel, long[]? strides, long[]? dilations, long[]? pads, AutoPad autoPad, bool ceil = false)
    {
        int rank = image.Length;
        Check(x, "kernel_shape", kernel, rank, 1);
        Check(x, "strides", strides, rank, 1);
        Check(x, "dilations", dilations, rank, 1);
        if (autoPad == AutoPad.NotSet)
            Check(x, "pads", pads, 2 * rank, 0);

        var windows = new Window[rank];
        for (int axis = 0; axis < rank; axis++)
        {
            long stride = strides?[axis] ?? 1, dilation = kernel[axis] == 1 ? 1 : dilations?[axis] ?? 1, extent = (kernel[axis] - 1) * dilation + 1;
            long begin = 0, end = 0;
            if (autoPad == AutoPad.NotSet && pads is not null)
                (begin, end) = (pads[axis], pads[axis + rank]);
            else if (autoPad is AutoPad.SameUpper or AutoPad.SameLower)
                (begin, end) = Same(image[axis], stride, extent, autoPad);

            long padded = image[axis] + begin + end;
            if (padded > int.MaxValue - extent)
                throw x.Error($"spatial axis {axis} has {image[axis]} positions, pads {begin} and {end} and a window of {extent}: too much to count");
            if (padded < extent)
                throw x.Error($"spatial axis {axis} has {image[axis]} positions and pads {begin} and {end}, fewer than the window's {extent}");
            long output = (padded - extent) / stride + 1;
            if (ceil && (padded - extent) % stride != 0 && output * stride < image[axis] + begin)
                output++;
            windows[axis] = new Window((int)image[axis], (int)output, (int)kernel[axis], (int)stride, (int)dilation, (int)begin, (int)end);
        }
        return windows;
    }

    /// <summary>The windows of attributes that <see cref="Resolve"/> has completed.</summary>
    public static Window[] Of(ReadOnlySpan<long> image, ReadOnlySpan<long> output, long[] kernel, long[] strides, long[] dilations, long[] pads)
    {
        var windows = new Window[image.Length];
        for (int axis = 0; axis < windows.Length; axis++)
            windows[axis] = new Window((int)image[axis], (int)output[axis], (int)kernel[axis], (int)strides[axis], (int)dilations[axis],
                (int)pads[axis], (int)pads[axis + windows.Length]);
        return windows;
    }

    /// <summary>The spatial sizes of an image tensor.</summary>
    public static ReadOnlySpan<long> Spatial(ReadOnlySpan<long> shape, bool channelsLast) => channelsLast ? shape[1..^1] : shape[2..];

    /// <summary>The shape of the output image: batch, channels and the windows' output sizes in the given layout.</summary>
    public static Shape OutputShape(long batch, long channels, ReadOnlySpan<Window> windows, bool channelsLast)
    {
        Span<long> dims = stackalloc long[Shape.MaxRank];
        dims = dims[..(windows.Length + 2)];
        dims[0] = batch;
        dims[channelsLast ? dims.Length - 1 : 1] = channels;
        for (int axis = 0; axis < windows.Length; axis++)
            dims[axis + (channelsLast ? 1 : 2)] = windows[axis].Output;
        return new Shape(dims);
    }

    public static long[] Strides(Window[] windows) => Array.ConvertAll(windows, w => (long)w.Stride);

    public static long[] Dilations(Window[] windows) => Array.ConvertAll(windows, w => (long)w.Dilation);

    /// <summary>Begins of the spatial axes, then ends.</summary>
    public static long[] Pads(Window[] windows) => [.. windows.Select(w => (long)w.PadBegin), .. windows.Select(w => (long)w.PadEnd)];

    /// <summary>Pads with more pads added; null where those are negative or not of the same axes.</summary>
    public static long[]? Sum(long[] pads, ReadOnlySpan<long> more)
    {
        if (more.Length != pads.Length || more.ContainsAnyInRange(long.MinValue, -1))
            return null;
        long[] sum = [.. pads];
        for (int i = 0; i < sum.Length; i++)
            sum[i] += more[i];
        return sum;
    }

    private static (long Begin, long End) Same(long input, long stride, long extent, AutoPad autoPad)
    {
        long output = (input + stride - 1) / stride, total = Math.Max(0, (output - 1) * stride + extent - input);
        return autoPad == AutoPad.SameUpper ? (total / 2, total - total / 2) : (total - total / 2, total / 2);
    }

    /// <summary>Refuses a list of the wrong length, and values outside [<paramref name="least"/>, 2^31).</summary>
    public static void Check(Inference x, string name, long[]? values, int length, long least)
    {
        if (values is null)
            return;
        if (values.Length != length)
            throw x.Error($"{name} {Shape.Format(values)} has {values.Length} values; the image's spatial rank asks for {length}");
        foreach (long value in values)
            if (value < least || value > int.MaxValue)
                throw x.Error($"{name} {Shape.Format(values)} has the value {value}; it must be {least} to {int.MaxValue}");
    }
}
