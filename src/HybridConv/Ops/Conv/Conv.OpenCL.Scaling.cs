using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Conv;

internal sealed partial class ConvOp
{
    /// <summary>The image that the filters see: the node's input or, where that is scaled first, what a launch in front has written to working memory.</summary>
    /// <param name="Argument">Where it is.</param>
    /// <param name="View">Its strides, in <see cref="ImageView"/>'s axes.</param>
    /// <param name="Launches">What has to run first.</param>
    /// <param name="ScratchBytes">Working memory that it takes, from the first byte on.</param>
    private sealed record SeenImage(ClArgument Argument, TensorView View, IReadOnlyList<ClLaunch> Launches, long ScratchBytes)
    {
        /// <summary>On processors: channels and pixels that a work-item scales, which is a whole work-group there.</summary>
        private const int CpuChannels = 1 << 20, CpuPixels = 64;

        /// <summary>On GPUs: work-items of a group, a channel of a pixel each.</summary>
        private const int GpuGroup = 64;

        /// <summary>The node's input.</summary>
        public static SeenImage Unscaled(ConvSpec spec) => new(ClArgument.Input(Image), spec.Input, [], 0);

        public static SeenImage Of(ConvSpec spec, ClDevice device)
        {
            TensorView image = spec.Input;
            if (spec.Scaling is not { } scaling || image.Shape.Elements == 0)
                return Unscaled(spec);
            Shape shape = image.Shape;
            long channels = shape[ImageView.Channel], width = channels * shape[ImageView.Width], height = width * shape[ImageView.Height];
            var dense = new TensorView(shape, 0, [height * shape[ImageView.Depth], 1, height, width, channels]);
            (int channelRun, int pixelRun, int group) = device.Profile == ClProfile.Cpu ? (CpuChannels, CpuPixels, 1) : (1, 1, GpuGroup);
            var local = new ClRange(group);
            var launch = new ClLaunch(
                new ClProgram("conv/scale.cl", ClActivation.Define(scaling.Activation)), "scale_pixels",
                [
                    ClArgument.Input(Image), ClArgument.Input(Scale), ClArgument.Input(Shift), ClArgument.Scratch(),
                    .. ImageArguments.Strides(image),
                    (int)InputScaling.ImageStride(scaling.Scale), (int)scaling.Scale.Strides[ImageView.Channel],
                    (int)(scaling.Shift is null ? 0 : InputScaling.ImageStride(scaling.Shift)), (int)(scaling.Shift?.Strides[ImageView.Channel] ?? 0),
                    spec.Batch, spec.Channels, shape.Dim(ImageView.Depth), shape.Dim(ImageView.Height), shape.Dim(ImageView.Width), spec.ImagePixels,
                    channelRun, pixelRun, .. ClActivation.Arguments(scaling.Activation),
                ],
                new ClRange((channels + channelRun - 1) / channelRun, (shape.Elements / channels + pixelRun - 1) / pixelRun).RoundUp(local), local);
            return new SeenImage(ClArgument.Scratch(), dense, [launch], shape.Elements * sizeof(float));
        }
    }
}
