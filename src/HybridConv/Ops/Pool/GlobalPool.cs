using HybridConv.Graphs;
using HybridConv.Ops.Windows;

namespace HybridConv.Ops.Pool;

/// <param name="ChannelsLast">Whether the images are N, spatial..., C rather than N, C, spatial....</param>
internal sealed record GlobalPoolAttributes(bool ChannelsLast = false);

/// <summary>A global pool with concrete shapes, in the axes of <see cref="ImageView"/> in both layouts.</summary>
internal sealed class GlobalPoolSpec(GlobalPoolAttributes attributes, TensorView input, TensorView output)
{
    public GlobalPoolAttributes Attributes => attributes;
    public TensorView Input => input;
    public TensorView Output => output;
    public long Channels => input.Shape[ImageView.Channel];
    public long Pixels => input.Shape.Product(ImageView.Depth, input.Shape.Rank);

    /// <summary>One channel's plane: its shape and strides, for walks over its pixels.</summary>
    public Shape Plane { get; } = new(input.Shape.Dims[ImageView.Depth..]);
    public long[] PlaneStrides { get; } = input.Strides[ImageView.Depth..];
}

/// <summary>An operator that reduces each channel's plane to one pixel.</summary>
internal abstract class GlobalPoolOp : Op<GlobalPoolAttributes, GlobalPoolSpec>
{
    public override IReadOnlyList<int> Opsets { get; } = [1, 22];
    public override (int Min, int Max) Inputs => (1, 1);

    public override object Read(NodeReader node)
    {
        node.RequireAllAsked();
        return new GlobalPoolAttributes();
    }

    public override GlobalPoolSpec Specify(GlobalPoolAttributes attributes, Node node) =>
        new(attributes, ImageView.Of(node.Input(0), attributes.ChannelsLast), ImageView.Of(node.Output, attributes.ChannelsLast));

    public override void Infer(GlobalPoolAttributes attributes, Inference x)
    {
        Shape image = x.Shape(0);
        ImageView.CheckRank(x, image);
        x.RequireFloat32();
        Shape result = image;
        for (int axis = 0; axis < image.Rank; axis++)
            if (axis != 0 && axis != (attributes.ChannelsLast ? image.Rank - 1 : 1))
                result = result.With(axis, 1);
        x.Output(0, ElementType.Float32, result);
    }

    public override object? ToChannelsLast(Node node)
    {
        var attributes = (GlobalPoolAttributes)node.Attributes;
        return attributes.ChannelsLast ? null : attributes with { ChannelsLast = true };
    }

    public override bool AcceptsViews(Node node) => true;
}
