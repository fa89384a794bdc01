namespace HybridConv.Ops.Resize;

/// <summary>How an element between the input's elements is found.</summary>
internal enum ResizeMode { Nearest, Linear, Cubic }

/// <summary>Which position of the input an index of the output means; ONNX's <c>coordinate_transformation_mode</c>.</summary>
internal enum Coordinates { HalfPixel, HalfPixelSymmetric, PytorchHalfPixel, AlignCorners, Asymmetric, TfHalfPixelForNearest, TfCropAndResize }

/// <summary>Which element is the nearest; ONNX's <c>nearest_mode</c>.</summary>
internal enum Rounding
{
    PreferFloor, PreferCeil, Floor, Ceil,

    /// <summary>Before opset 11: down when an axis grows, up when it shrinks.</summary>
    Simple,
}

/// <summary>How sizes are adjusted so that all axes scale alike; ONNX's <c>keep_aspect_ratio_policy</c>.</summary>
internal enum AspectRatio { Stretch, NotLarger, NotSmaller }

/// <summary>What a Resize says besides its sizes, and after inference also those.</summary>
/// <param name="Mode">How elements are found.</param>
/// <param name="Coordinates">Which position an index means.</param>
/// <param name="Rounding">For <see cref="ResizeMode.Nearest"/>.</param>
/// <param name="CubicA">The parameter of the cubic.</param>
/// <param name="ExcludeOutside">Whether weights outside the input count as 0, and the others are scaled up, rather than fall on the border.</param>
/// <param name="Extrapolation">The value of positions outside, for <see cref="Coordinates.TfCropAndResize"/>.</param>
/// <param name="Antialias">Whether the filter is stretched when an axis shrinks.</param>
/// <param name="AspectRatio">How sizes are adjusted.</param>
/// <param name="NamedAxes">The axes that scales, sizes and roi list, as read; null for all.</param>
internal sealed record ResizeAttributes(
    ResizeMode Mode,
    Coordinates Coordinates = Coordinates.HalfPixel,
    Rounding Rounding = Rounding.PreferFloor,
    float CubicA = -0.75f,
    bool ExcludeOutside = false,
    float Extrapolation = 0,
    bool Antialias = false,
    AspectRatio AspectRatio = AspectRatio.Stretch,
    long[]? NamedAxes = null)
{
    /// <summary>Output elements per input element of every axis; as attribute in the oldest form, else null until inference.</summary>
    public double[]? Scales { get; init; }

    /// <summary>The output's sizes; null until inference.</summary>
    public long[]? Sizes { get; init; }

    /// <summary>Where each axis of the region of interest starts, in parts of the axis; null until inference.</summary>
    public double[]? RegionStarts { get; init; }

    /// <summary>Where it ends.</summary>
    public double[]? RegionEnds { get; init; }

    /// <summary>Whether the axes have been put in an order with channels last.</summary>
    public bool ChannelsLast { get; init; }
}
