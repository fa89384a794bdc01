using HybridConv.Graphs;
using HybridConv.Tools.Data;

namespace HybridConv.Cli.Data;

/// <summary>Images of 3 to 5 axes, channels first to channels last; other tensors stay as they are.</summary>
internal static class Layouts
{
    public static long[] ChannelsLast(long[] shape) => IsImage(shape) ? [shape[0], .. shape[2..], shape[1]] : shape;

    public static HostTensor ChannelsLast(HostTensor tensor)
    {
        if (!IsImage(tensor.Shape))
            return tensor;
        int channels = (int)tensor.Shape[1], pixels = (int)new Shape(tensor.Shape[2..]).Elements, size = tensor.Type.Size();
        var bytes = new byte[tensor.Bytes.Length];
        ReadOnlySpan<byte> source = tensor.Bytes.Span;
        for (int n = 0; n < tensor.Shape[0]; n++)
            for (int c = 0; c < channels; c++)
                for (int i = 0; i < pixels; i++)
                    source.Slice(((n * channels + c) * pixels + i) * size, size).CopyTo(bytes.AsSpan(((n * pixels + i) * channels + c) * size));
        return tensor with { Shape = ChannelsLast(tensor.Shape), Bytes = bytes };
    }

    private static bool IsImage(long[] shape) => shape.Length is >= 3 and <= 5;
}
