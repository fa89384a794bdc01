using HybridConv.Cpu;

namespace HybridConv;

/// <summary>The shape of one pointwise convolution; see <see cref="Pointwise.Execute"/>.</summary>
/// <param name="Pixels">Pixels: of any pictures, in any order.</param>
/// <param name="InputChannels">Channels of an input pixel.</param>
/// <param name="OutputChannels">Channels of an output pixel.</param>
public readonly record struct PointwiseShape(int Pixels, int InputChannels, int OutputChannels);

/// <summary>One pointwise (1x1) convolution on the caller's spans: no graph, no session. Results are bit for bit those of a network.</summary>
public static class Pointwise
{
    /// <summary>
    /// Computes output[pixel, k] = bias[k] + sum over c of weights[k, c] * pixels[pixel, c]: one matrix product, straight on the pixels. Runs on the caller's thread, with
    /// the widest vectors of the machine. Weights are packed anew in every call: for a layer that runs often, make a <see cref="Model"/> with <see cref="ModelBuilder"/>.
    /// </summary>
    /// <param name="pixels">Pixels x input channels.</param>
    /// <param name="weights">Output channels x input channels.</param>
    /// <param name="bias">One number for each output channel, or empty.</param>
    /// <param name="output">Pixels x output channels; must not overlap the others.</param>
    /// <param name="shape">The shape.</param>
    /// <exception cref="ShapeException">A span does not have the numbers that the shape asks for.</exception>
    public static void Execute(ReadOnlySpan<float> pixels, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output, PointwiseShape shape)
    {
        var image = new ConvShape(shape.Pixels, 1, 1, shape.InputChannels, shape.OutputChannels, 1);
        LayerCall.Convolve("Pointwise.Execute", image.Attributes, image.Image, image.Filters, pixels, weights, bias, output);
    }
}
