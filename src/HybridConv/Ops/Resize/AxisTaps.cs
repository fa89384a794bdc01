namespace HybridConv.Ops.Resize;

/// <summary>
/// The taps of one axis: output element i is the sum of Weights[k] * input element Indices[k] for k from Starts[i] up to Starts[i + 1], ascending.
/// An element without taps lies outside the input. Taps that fall on the same element are one, and taps of weight 0 are none.
/// </summary>
internal sealed class AxisTaps
{
    private readonly List<int> indices = [];
    private readonly List<double> weights = [];

    private AxisTaps(int outputs) => Starts = new int[outputs + 1];

    public int[] Starts { get; }
    public int[] Indices { get; private set; } = [];
    public double[] Weights { get; private set; } = [];

    public int Outputs => Starts.Length - 1;

    /// <summary>Whether the output axis is the input axis.</summary>
    public bool IsIdentity { get; private set; }

    /// <summary>The runs of outputs that lie outside the input.</summary>
    public IEnumerable<(int Start, int Count)> OutsideRuns()
    {
        for (int i = 0, start = 0; i <= Outputs; i++)
        {
            if (i < Outputs && Starts[i] == Starts[i + 1])
                continue;
            if (i > start)
                yield return (start, i - start);
            start = i + 1;
        }
    }

    /// <param name="attributes">After inference.</param>
    /// <param name="axis">The axis.</param>
    /// <param name="size">The input's size.</param>
    public static AxisTaps Of(ResizeAttributes attributes, int axis, int size)
    {
        int outputs = (int)attributes.Sizes![axis];
        double scale = attributes.Scales![axis];
        var taps = new AxisTaps(outputs);
        if (outputs == 0)
            return taps;
        Span<double> filter = new double[(int)Width(attributes, scale)];
        for (int i = 0; i < outputs; i++)
        {
            if (Position(attributes, axis, i, size) is { } position)
                taps.Add(attributes, position, scale, size, filter);
            taps.Starts[i + 1] = taps.indices.Count;
        }
        taps.Indices = [.. taps.indices];
        taps.Weights = [.. taps.weights];
        taps.IsIdentity = outputs == size && taps.Indices.SequenceEqual(Enumerable.Range(0, size)) && Array.TrueForAll(taps.Weights, weight => weight == 1);
        return taps;
    }

    /// <summary>The position of output element <paramref name="i"/> on the input axis; null when it is to be extrapolated.</summary>
    private static double? Position(ResizeAttributes attributes, int axis, int i, int size)
    {
        double scale = attributes.Scales![axis], outputs = scale * size, halfPixel = ((i + 0.5) / scale) - 0.5;
        switch (attributes.Coordinates)
        {
            case Coordinates.AlignCorners:
                return outputs == 1 ? 0 : i * (size - 1) / (outputs - 1);
            case Coordinates.Asymmetric:
                return i / scale;
            case Coordinates.PytorchHalfPixel:
                return outputs == 1 ? -0.5 : halfPixel;
            case Coordinates.HalfPixelSymmetric:
                return (size / 2.0 * (1 - (attributes.Sizes![axis] / outputs))) + halfPixel;
            case Coordinates.TfHalfPixelForNearest:
                return (i + 0.5) / scale;
            case Coordinates.TfCropAndResize:
                double start = attributes.RegionStarts![axis], extent = attributes.RegionEnds![axis] - start;
                double position = (outputs == 1 ? extent * (size - 1) / 2 : i * extent * (size - 1) / (outputs - 1)) + (start * (size - 1));
                return position >= 0 && position <= size - 1 ? position : null;
            default:
                return halfPixel;
        }
    }

    /// <summary>The number of taps of the filter before any are dropped.</summary>
    private static double Width(ResizeAttributes attributes, double scale)
    {
        double reach = attributes.Mode switch { ResizeMode.Nearest => 0.5, ResizeMode.Linear => 1, _ => 2 };
        return attributes.Antialias ? 2 - (2 * (Math.Floor(-reach / Math.Min(scale, 1)) + 1)) : 2 * reach;
    }

    private void Add(ResizeAttributes attributes, double position, double scale, int size, Span<double> filter)
    {
        if (attributes.Mode == ResizeMode.Nearest)
        {
            indices.Add((int)Math.Clamp(Nearest(attributes.Rounding, position, scale), 0, size - 1));
            weights.Add(1);
            return;
        }

        // The filter's taps are the elements around the position; it lies in (left, left + 1].
        double left = Math.Ceiling(position) - 1, ratio = position - left, stretch = attributes.Antialias ? Math.Min(scale, 1) : 1, sum = 0;
        double first = left + 1 - (filter.Length / 2);
        for (int k = 0; k < filter.Length; k++)
        {
            double distance = Math.Abs((first + k - left - ratio) * stretch), index = first + k;
            bool counts = !attributes.ExcludeOutside || (index >= 0 && index < size);
            filter[k] = !counts ? 0 : attributes.Mode == ResizeMode.Linear ? Math.Max(0, 1 - distance) : Cubic(distance, attributes.CubicA);
            sum += filter[k];
        }
        bool normalise = (attributes.Antialias || attributes.ExcludeOutside) && sum != 0;
        int start = indices.Count;
        for (int k = 0; k < filter.Length; k++)
        {
            double weight = normalise ? filter[k] / sum : filter[k];
            int index = (int)Math.Clamp(first + k, 0, size - 1);
            if (weight == 0)
                continue;
            if (indices.Count > start && indices[^1] == index)
                weights[^1] += weight;
            else
            {
                indices.Add(index);
                weights.Add(weight);
            }
        }
    }

    private static double Nearest(Rounding rounding, double position, double scale) => rounding switch
    {
        Rounding.PreferFloor => Math.Ceiling(position - 0.5),
        Rounding.PreferCeil => Math.Floor(position + 0.5),
        Rounding.Floor => Math.Floor(position),
        Rounding.Ceil => Math.Ceiling(position),
        _ => scale < 1 ? Math.Ceiling(position) : Math.Floor(position),
    };

    /// <summary>The cubic convolution kernel (Keys 1981) with parameter <paramref name="a"/>.</summary>
    private static double Cubic(double distance, double a) => distance switch
    {
        <= 1 => ((((a + 2) * distance) - (a + 3)) * distance * distance) + 1,
        < 2 => (((((a * distance) - (5 * a)) * distance) + (8 * a)) * distance) - (4 * a),
        _ => 0,
    };
}
