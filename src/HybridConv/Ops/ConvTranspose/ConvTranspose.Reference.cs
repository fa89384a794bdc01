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
            for (int d = 0, tap = 0; d < windows[0].Kernel; d++)
                for (int r = 0; r < windows[1].Kernel; r++)
                    for (int s = 0; s < windows[2].Kernel; s++, tap++)
                    {
                        int inD = windows[0].Source(at.Index(ImageView.Depth), d), inH = windows[1].Source(at.Index(ImageView.Height), r);
                        int inW = windows[2].Source(at.Index(ImageView.Width), s);
                        if (inD < 0 || inH < 0 || inW < 0)
                            continue;
                        int from = plane + (int)(inD * strides[ImageView.Depth] + inH * strides[ImageView.Height] + inW * strides[ImageView.Width]);
                        int weight = (first * filters + k % filters) * spec.Taps + tap;
                        for (int c = 0; c < depth; c++, from += channelStride, weight += filters * spec.Taps)
                            sum = T.FusedMultiplyAdd(image[from], weights[weight], sum);
                    }
            if (spec.Residual is not null)
                sum += residual[at[1]];
            output[at[0]] = ActivationFunctions.Apply(spec.Attributes.Activation, sum);
        }
    }
}
