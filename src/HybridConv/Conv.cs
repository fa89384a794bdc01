using HybridConv.Cpu;

namespace HybridConv;

/// <summary>One convolution on the caller's spans: no graph, no session. Results are bit for bit those of a network.</summary>
public static class Conv
{
    /// <summary>
    /// Computes, for every output pixel and filter, the bias plus the sum over the filter's positions and channels of input times weight. Runs on the caller's thread, with the
    /// widest vectors of the machine. Weights are packed anew in every call: for a layer that runs often, make a <see cref="Model"/> with <see cref="ModelBuilder"/>.
    /// </summary>
    /// <param name="image">Batch x height x width x input channels.</param>
    /// <param name="weights">Output channels x (input channels / groups) x filter height x filter width.</param>
    /// <param name="bias">One number for each output channel, or empty.</param>
    /// <param name="output">Batch x output height x output width x output channels; must not overlap the others.</param>
    /// <param name="shape">The shape.</param>
    /// <exception cref="ShapeException">A span does not have the numbers that the shape asks for, or the shape is not one.</exception>
    public static void Execute(ReadOnlySpan<float> image, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output, ConvShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        LayerCall.Convolve("Conv.Execute", shape.Attributes, shape.Image, shape.Filters, image, weights, bias, output);
    }
}
