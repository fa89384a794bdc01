using HybridConv.Cpu.Simd;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.ConvTranspose;

internal sealed partial class ConvTransposeOp
{
    public override void Reference<T>(ConvTransposeSpec spec, in Operands x)
    {
        ReadOnlySpan<T> image = x.Input<T>(0), weights = x.Input<T>(1);
        ReadOnlySpan<T> bias = spec.HasBias ? x.Input<T>(2) : default, residual = spec.Residual is null ? default : x.Input<T>(ResidualInput);
        Span<T> output = x.Output<T>(0);
        ReadOnlySpan<ScatterWindow> windows = spec.Windows;
        ReadOnlySpan<long> strides = spec.Input.Strides;
        int depth = spec.InputChannels / spec.Group, filters = spec.OutputChannels / spec.Group, channelStride = (int)strides[ImageView.Channel];
        for (var at = new Walk(spec.Output.Shape, spec.Output.Strides, spec.Residual?.Strides); at.Live; at.Next())
        {
            int k = at.Index(ImageView.Channel), group = k / filters, first = group * depth;
            int plane = (int)(at.Index(ImageView.Batch) * strides[ImageView.Batch]) + first * channelStride;
            T sum = spec.HasBias ? bias[k] : T.Zero;
            int atD = at.Index(ImageView.Depth), atH = at.Index(ImageView.Height), atW = at.Index(ImageView.Width);
            TapRange slices = windows[0].Reaching(atD), rows = windows[1].Reaching(atH), pixels = windows[2].Reaching(atW);
            for (int d = slices.First; d < slices.End; d += slices.Step)
                for (int r = rows.First; r < rows.End; r += rows.Step)
                    for (int s = pixels.First; s < pixels.End; s += pixels.Step)
                    {
                        int from = plane + (int)(windows[0].Source(atD, d) * strides[ImageView.Depth]
                            + windows[1].Source(atH, r) * strides[ImageView.Height] + windows[2].Source(atW, s) * strides[ImageView.Width]);
                        int weight = (first * filters + k % filters) * spec.Taps + (d * windows[1].Kernel + r) * windows[2].Kernel + s;
                        for (int c = 0; c < depth; c++, from += channelStride, weight += filters * spec.Taps)
                            sum = T.FusedMultiplyAdd(image[from], weights[weight], sum);
                    }
            if (spec.Residual is not null)
                sum += residual[at[1]];
            output[at[0]] = ActivationFunctions.Apply(spec.Attributes.Activation, sum);
        }
    }
}
