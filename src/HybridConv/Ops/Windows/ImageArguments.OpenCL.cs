using HybridConv.Cl;
using HybridConv.Graphs;

namespace HybridConv.Ops.Windows;

/// <summary>Images and windows as arguments of OpenCL kernels: what the macros of <c>common.clh</c> take.</summary>
internal static class ImageArguments
{
    /// <summary>For STRIDES: those of an image in <see cref="ImageView"/>'s axes; zeros for one that is absent.</summary>
    public static IEnumerable<ClArgument> Strides(TensorView? image)
    {
        for (int axis = 0; axis < ImageView.MaxSpatial + 2; axis++)
            yield return image is null ? 0 : checked((int)image.Strides[axis]);
    }

    /// <summary>For WINDOW.</summary>
    public static IEnumerable<ClArgument> Window(Window window) =>
        [window.Input, window.Output, window.Kernel, window.Stride, window.Dilation, window.PadBegin];

    /// <summary>For WINDOW over depth, height and width.</summary>
    public static IEnumerable<ClArgument> Windows(ReadOnlySpan<Window> windows) =>
        [.. Window(windows[0]), .. Window(windows[1]), .. Window(windows[2])];

    /// <summary>Whether all pixels start at multiples of four elements, and so of 16 bytes: every storage starts at a multiple of 64.</summary>
    public static bool StartsAtQuads(TensorView image)
    {
        for (int axis = 0; axis < image.Shape.Rank; axis++)
            if (axis != ImageView.Channel && image.Shape[axis] > 1 && image.Strides[axis] % 4 != 0)
                return false;
        return image.Offset % 4 == 0;
    }
}
