using System.Runtime.CompilerServices;

namespace HybridConv.Cli.LayoutClaim;

/// <summary>
/// The definition as a program: for every pixel, for every output channel, a sum over the input channels. One text for both layouts, so that strides are all
/// that differs. A sum is one scalar chain, whose time is the latency of its additions wherever memory keeps up.
/// </summary>
internal static class NaiveLoop
{
    /// <summary>Pixels x channels.</summary>
    public static void ChannelsLast(ReadOnlySpan<float> image, ReadOnlySpan<float> weights, Span<float> output, PointwiseShape shape) =>
        Run(image, weights, output, shape, (shape.InputChannels, 1), (shape.OutputChannels, 1));

    /// <summary>Channels x pixels.</summary>
    public static void ChannelsFirst(ReadOnlySpan<float> image, ReadOnlySpan<float> weights, Span<float> output, PointwiseShape shape) =>
        Run(image, weights, output, shape, (1, shape.Pixels), (1, shape.Pixels));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Run(
        ReadOnlySpan<float> image, ReadOnlySpan<float> weights, Span<float> output, PointwiseShape shape,
        (int Pixel, int Channel) input, (int Pixel, int Channel) result)
    {
        for (int pixel = 0; pixel < shape.Pixels; pixel++)
            for (int k = 0; k < shape.OutputChannels; k++)
            {
                ReadOnlySpan<float> filter = weights.Slice(k * shape.InputChannels, shape.InputChannels);
                float sum = 0;
                int x = pixel * input.Pixel;
                foreach (float weight in filter)
                {
                    sum += weight * image[x];
                    x += input.Channel;
                }
                output[pixel * result.Pixel + k * result.Channel] = sum;
            }
    }
}
