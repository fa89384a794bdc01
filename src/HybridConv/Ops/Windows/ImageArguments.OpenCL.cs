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
}
