using System.Numerics;
using System.Numerics.Tensors;
using HybridConv.Cpu.Simd;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Conv;

/// <summary>
/// The definition: for each output, acc = bias; for each filter position in order, for each channel: acc = fma(x, w, acc), padding skipped;
/// then the residual is added; then the activation is applied. The loops go line by line, so that neighbouring outputs advance together, but each
/// output's own chain is exactly this one.
/// </summary>
internal sealed partial class ConvOp
{
    public override void Reference<T>(ConvSpec spec, in Operands x)
    {
        for (int part = 0, firstFilter = 0; part < spec.Outputs.Count; part++)
        {
            ReferencePart(spec, x, spec.Outputs[part], x.Output<T>(part), firstFilter);
            firstFilter += spec.Outputs[part].Shape.Dim(ImageView.Channel);
        }
    }

    /// <summary>The channels of one output; they start with filter <paramref name="firstFilter"/>.</summary>
    private static void ReferencePart<T>(ConvSpec spec, in Operands x, TensorView view, Span<T> output, int firstFilter) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (view.Shape.Elements == 0)
            return;
        ReadOnlySpan<T> bias = spec.HasBias ? x.Input<T>(Bias) : default;
        ReadOnlySpan<T> residual = spec.Residual is null ? default : x.Input<T>(Residual);
        long[] strides = view.Strides, residualStrides = spec.Residual?.Strides ?? [];
        Window depth = spec.Windows[0], height = spec.Windows[1], width = spec.Windows[2];
        int step = (int)strides[ImageView.Width], residualStep = spec.Residual is null ? 0 : (int)residualStrides[ImageView.Width];
        for (int n = 0; n < spec.Batch; n++)
            for (int k = 0; k < view.Shape.Dim(ImageView.Channel); k++)
                for (int od = 0; od < depth.Output; od++)
                    for (int oh = 0; oh < height.Output; oh++)
                    {
                        Span<T> line = output[LineStart(strides, n, k, od, oh)..];
                        T start = bias.IsEmpty ? T.Zero : bias[firstFilter + k];
                        for (int ow = 0; ow < width.Output; ow++)
                            line[ow * step] = start;
                        AccumulateLine(spec, x, n, firstFilter + k, od, oh, line, step);
                        if (spec.Residual is not null)
                        {
                            ReadOnlySpan<T> added = residual[LineStart(residualStrides, n, k, od, oh)..];
                            for (int ow = 0; ow < width.Output; ow++)
                                line[ow * step] += added[ow * residualStep];
                        }
                        if (!spec.Activation.IsNone)
                            for (int ow = 0; ow < width.Output; ow++)
                                line[ow * step] = ActivationFunctions.Apply(spec.Activation, line[ow * step]);
                    }
    }

    /// <summary>Adds all products to one line of accumulators, <paramref name="step"/> apart.</summary>
    private static void AccumulateLine<T>(ConvSpec spec, in Operands x, int n, int k, int od, int oh, Span<T> line, int step) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        ReadOnlySpan<T> image = x.Input<T>(Image), weights = x.Input<T>(Weights);
        long[] strides = spec.Input.Strides;
        Window depth = spec.Windows[0], height = spec.Windows[1], width = spec.Windows[2];
        int channels = spec.GroupChannels, firstChannel = k / spec.GroupFilters * channels;
        int taps = depth.Kernel * height.Kernel * width.Kernel, filter = k * channels * taps;
        int pixel = (int)strides[ImageView.Width], channelStride = (int)strides[ImageView.Channel], inputStep = pixel * width.Stride;
        for (int d = depth.FirstTap(od); d < depth.EndTap(od); d++)
            for (int h = height.FirstTap(oh); h < height.EndTap(oh); h++)
            {
                int row = LineStart(strides, n, firstChannel, depth.Start(od) + d * depth.Dilation, height.Start(oh) + h * height.Dilation);
                for (int w = 0; w < width.Kernel; w++)
                {
                    // The outputs for which this filter position lies inside the image.
                    (int first, int end) = OutputsOf(width, w);
                    if (first >= end)
                        continue;
                    int column = width.Start(first) + w * width.Dilation;
                    int from = row + column * pixel, weight = filter + (d * height.Kernel + h) * width.Kernel + w;
                    for (int c = 0; c < channels; c++, from += channelStride, weight += taps)
                        if (spec.Scaling is null)
                            AddProducts(image[from..], inputStep, weights[weight], line[(first * step)..], step, end - first);
                        else
                            AddScaledProducts(spec, x, image[from..], inputStep, n, firstChannel + c, column, weights[weight], line[(first * step)..], step, end - first);
                }
            }
    }

    private static void AddProducts<T>(ReadOnlySpan<T> x, int inputStep, T weight, Span<T> sums, int step, int count) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        if (inputStep == 1 && step == 1)
        {
            TensorPrimitives.FusedMultiplyAdd(x[..count], weight, sums[..count], sums[..count]);
            return;
        }
        for (int i = 0; i < count; i++)
            sums[i * step] = T.FusedMultiplyAdd(x[i * inputStep], weight, sums[i * step]);
    }

    /// <summary>As <see cref="AddProducts"/>, of a channel that is scaled on its way; its first element is that of the line's pixel <paramref name="column"/>.</summary>
    private static void AddScaledProducts<T>(
        ConvSpec spec, in Operands operands, ReadOnlySpan<T> x, int inputStep, int n, int channel, int column, T weight, Span<T> sums, int step, int count)
        where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        (TensorView scale, TensorView? shift, Activation activation) = spec.Scaling!;
        ReadOnlySpan<T> factors = operands.Input<T>(Scale)[(int)(channel * scale.Strides[ImageView.Channel])..];
        ReadOnlySpan<T> shifts = shift is null ? default : operands.Input<T>(Shift)[(int)(channel * shift.Strides[ImageView.Channel])..];
        for (int i = 0; i < count; i++)
        {
            int image = n + (column + i * spec.Windows[2].Stride) / spec.ImagePixels;
            T factor = factors[(int)(image * InputScaling.ImageStride(scale))], element = x[i * inputStep];
            T scaled = shift is null ? element * factor : T.FusedMultiplyAdd(element, factor, shifts[(int)(image * InputScaling.ImageStride(shift))]);
            sums[i * step] = T.FusedMultiplyAdd(ActivationFunctions.Apply(activation, scaled), weight, sums[i * step]);
        }
    }

    /// <summary>The output positions of a line that see input positions, rather than padding, through filter position <paramref name="tap"/>.</summary>
    private static (int First, int End) OutputsOf(in Window width, int tap)
    {
        long shift = (long)tap * width.Dilation - width.PadBegin, last = width.Input - 1 - shift;
        long first = shift >= 0 ? 0 : (-shift + width.Stride - 1) / width.Stride;
        return last < 0 ? (0, 0) : ((int)Math.Min(first, width.Output), (int)Math.Min(width.Output, last / width.Stride + 1));
    }

    private static int LineStart(long[] strides, int n, int channel, int d, int h) =>
        (int)(n * strides[ImageView.Batch] + channel * strides[ImageView.Channel] + d * strides[ImageView.Depth] + h * strides[ImageView.Height]);
}
