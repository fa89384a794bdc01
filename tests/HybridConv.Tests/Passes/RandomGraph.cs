using HybridConv.Graphs;
using HybridConv.Ops.BatchNormalization;
using HybridConv.Ops.Concat;
using HybridConv.Ops.Conv;
using HybridConv.Ops.ConvTranspose;
using HybridConv.Ops.DepthToSpace;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Gemm;
using HybridConv.Ops.Identity;
using HybridConv.Ops.Lrn;
using HybridConv.Ops.MatMul;
using HybridConv.Ops.Pad;
using HybridConv.Ops.Pool;
using HybridConv.Ops.Reduce;
using HybridConv.Ops.Reshape;
using HybridConv.Ops.Resize;
using HybridConv.Ops.Slice;
using HybridConv.Ops.Softmax;
using HybridConv.Ops.Split;
using HybridConv.Ops.Transpose;
using Interpolation = HybridConv.Ops.Resize.ResizeMode;

namespace HybridConv.Tests.Passes;

/// <summary>
/// A graph grown from a list of numbers, one construct for each: the number says which, on which of the values so far, and with what parameters. A construct
/// that the chosen value does not fit adds nothing, so that every list is a graph, and a shorter list a smaller one.
/// </summary>
internal sealed class RandomGraph
{
    private readonly SmallGraph graph = new();
    private readonly List<Value> values = [];
    private uint choices;

    private RandomGraph()
    {
    }

    public static SmallGraph Grow(int rank, IReadOnlyList<uint> numbers)
    {
        var random = new RandomGraph();
        long[] dims = [2, 4, 5, 4, 3];
        random.values.Add(random.graph.Input("x", dims[..rank]));
        random.values.Add(random.graph.Input("y", dims[..rank]));
        foreach (uint number in numbers)
            random.Add(number);
        return random.Finish(numbers.Count == 0 ? 0 : numbers[0]);
    }

    /// <summary>What nobody reads is an output, and some of what somebody reads.</summary>
    private SmallGraph Finish(uint number)
    {
        HashSet<Value> read = [.. graph.Graph.Nodes.SelectMany(node => node.Inputs).OfType<Value>()];
        for (int i = 2; i < values.Count; i++)
            if (!read.Contains(values[i]) || (number + i) % 13 == 0)
                graph.Output(values[i]);
        return graph;
    }

    private int Choose(int count)
    {
        int choice = (int)(choices % (uint)count);
        choices /= (uint)count;
        return choice;
    }

    private void Add(uint number)
    {
        choices = number;
        // Mostly the last value: so that chains grow.
        Value x = values[Choose(4) == 0 ? Math.Max(0, values.Count - 2 - Choose(8)) : values.Count - 1];
        Shape shape = x.KnownShape;
        bool image = shape.Rank is >= 3 and <= 5 && shape.Elements > 0;
        Value? result = Choose(24) switch
        {
            0 or 1 or 2 when image => Convolve(x),
            3 when image => Normalize(x),
            4 when image => Pool(x),
            5 when image => graph.Add(Choose(2) == 0 ? "GlobalAveragePool" : "GlobalMaxPool", new GlobalPoolAttributes(), x),
            6 or 7 => Activate(x),
            8 or 9 => Combine(x),
            10 when shape.Rank > 1 => Binary(Choose(2) == 0 ? "Mul" : "Add", x, PerChannel(shape)),
            11 when shape.Rank > 1 => Transpose(x),
            12 when image => Merge(x),
            13 when image => Shuffle(x),
            14 when image => Pad(x),
            15 when image => Mean(x),
            16 when image => Dense(x),
            17 when shape.Rank > 1 && shape[1] % 2 == 0 => Cut(x),
            18 when shape.Rank > 1 => graph.Add("Softmax", new SoftmaxAttributes(Choose(shape.Rank), Flattens: false), x),
            19 when image && shape.Elements < 4000 => Scatter(x),
            20 when image && shape.Elements < 4000 => Enlarge(x),
            21 when image => graph.Add("LRN", new LrnAttributes(3, 0.5f, 0.75f, 1), x),
            22 when shape.Rank == 4 && shape[1] % 4 == 0 => graph.Add("DepthToSpace", new BlockAttributes(2), x),
            _ => graph.Add("Identity", new IdentityAttributes(), x),
        };
        if (result is not null)
            values.Add(result);
    }

    private Value Convolve(Value x)
    {
        long channels = x.KnownShape[1], k = 1 + 2 * Choose(2);
        bool depthwise = Choose(3) == 0;
        long filters = depthwise ? channels : 2 + 2 * Choose(3);
        long[] kernel = new long[x.KnownShape.Rank - 2];
        kernel.AsSpan().Fill(k);
        return graph.Add("Conv", new ConvAttributes(null, null, null, null, depthwise ? channels : 1, AutoPad.SameUpper), x,
            Small([filters, depthwise ? 1 : channels, .. kernel]), Choose(2) == 0 ? graph.Constant(filters) : null);
    }

    private Value Scatter(Value x)
    {
        long channels = x.KnownShape[1], filters = 2 + 2 * Choose(2);
        long[] twos = new long[x.KnownShape.Rank - 2];
        twos.AsSpan().Fill(2);
        return graph.Add("ConvTranspose", new ConvTransposeAttributes(null, twos, null, null, null, null, 1, AutoPad.NotSet),
            x, Small([channels, filters, .. twos]), Choose(2) == 0 ? graph.Constant(filters) : null);
    }

    private Value Enlarge(Value x)
    {
        float[] scales = [1, 1, .. Enumerable.Repeat(2f, x.KnownShape.Rank - 2)];
        return graph.Add("Resize", new ResizeAttributes(Choose(2) == 0 ? Interpolation.Nearest : Interpolation.Linear), x, null, graph.Constant(new Shape(scales.Length), scales));
    }

    private Value Normalize(Value x)
    {
        long channels = x.KnownShape[1];
        float[] variance = [.. Enumerable.Range(0, (int)channels).Select(i => 0.5f + i)];
        return graph.Add("BatchNormalization", new BatchNormalizationAttributes(1e-5f, PerElement: false),
            x, graph.Constant(channels), graph.Constant(channels), graph.Constant(channels), graph.Constant(new Shape(channels), variance));
    }

    private Value Pool(Value x) => graph.Add(Choose(2) == 0 ? "MaxPool" : "AveragePool", PoolOf(x), x);

    /// <summary>A window of two along every axis that has two.</summary>
    private static PoolAttributes PoolOf(Value x) =>
        new([.. x.KnownShape.Dims[2..].ToArray().Select(size => Math.Min(2, size))], null, null, null, AutoPad.NotSet, CeilMode: false);

    private Value Activate(Value x) => Choose(14) switch
    {
        0 or 1 => Unary("Relu", default(Relu), x),
        2 => Unary("LeakyRelu", new LeakyRelu(0.125f), x),
        3 => Unary("Sigmoid", default(Sigmoid), x),
        4 => graph.Add("Clip", ClipAttributes.None with { Min = 0, Max = 6 }, x),
        5 => Binary("Mul", x, Unary("Sigmoid", default(Sigmoid), x)),
        6 => Binary("Mul", x, Binary("Div", Gate(x), graph.Scalar(6))),
        7 => Binary("Div", Binary("Mul", Gate(x), x), graph.Scalar(6)),
        8 => Unary("Mish", default(Mish), x),
        9 => Unary("Gelu", new Gelu(Choose(2) == 0), x),
        10 => Binary("Mul", x, Unary("Tanh", default(Tanh), Unary("Softplus", default(Softplus), x))),
        11 => Binary("Mul", Unary("Sigmoid", default(Sigmoid), Binary("Mul", graph.Scalar(1.702f), x)), x),
        12 => Gelu(x, Unary("Erf", default(Erf), Binary("Div", x, graph.Scalar(1.41421356f)))),
        _ => Gelu(x, Unary("Tanh", default(Tanh), Binary("Mul", graph.Scalar(0.7978846f), WithCube(x)))),
    };

    private Value Unary<F>(string op, F function, Value x) where F : struct => graph.Add(op, new UnaryAttributes<F>(function), x);

    private Value Binary(string op, Value a, Value b) => graph.Add(op, new BinaryAttributes(), a, b);

    private Value Gelu(Value x, Value gate) => Binary("Mul", Binary("Mul", x, graph.Scalar(0.5f)), Binary("Add", gate, graph.Scalar(1)));

    private Value WithCube(Value x) => Binary("Add", x, Binary("Mul", graph.Scalar(0.044715f), Binary("Pow", x, graph.Scalar(3))));

    private Value Gate(Value x) => graph.Add("Clip", ClipAttributes.None with { Min = 0, Max = 6 }, Binary("Add", x, graph.Scalar(3)));

    /// <summary>With another value of the same shape: a sum, or a concatenation; with a value of one pixel: a gate.</summary>
    private Value? Combine(Value x)
    {
        Value[] equal = [.. values.Where(value => value.KnownShape == x.KnownShape)], pixels = [.. values.Where(value => IsPixelOf(value.KnownShape, x.KnownShape))];
        int how = Choose(4);
        Value other = equal[Choose(equal.Length)];
        return how switch
        {
            0 when x.KnownShape.Rank > 1 && x.KnownShape[1] < 16 => graph.Add("Concat", new ConcatAttributes(1), x, other),
            1 when pixels.Length > 0 => Binary("Mul", pixels[Choose(pixels.Length)], x),
            _ => Binary("Add", other, x),
        };
    }

    private static bool IsPixelOf(Shape pixel, Shape image) =>
        pixel.Rank == image.Rank && pixel.Rank > 2 && pixel[0] == image[0] && pixel[1] == image[1] && pixel.Product(2, pixel.Rank) == 1;

    private Value PerChannel(Shape shape)
    {
        long[] dims = new long[shape.Rank - 1];
        dims.AsSpan().Fill(1);
        dims[0] = shape[1];
        return Choose(4) == 0 ? graph.Scalar(0.75f) : graph.Constant(dims);
    }

    private Value Transpose(Value x)
    {
        int rank = x.KnownShape.Rank;
        List<int> left = [.. Enumerable.Range(0, rank)];
        int[] permutation = Choose(3) switch
        {
            0 => [0, .. left[2..], 1],
            1 => [0, rank - 1, .. left[1..^1]],
            _ => [.. Enumerable.Range(0, rank).Select(_ => Take(left))],
        };
        return graph.Add("Transpose", new TransposeAttributes(permutation), x);

        int Take(List<int> rest)
        {
            int axis = rest[Choose(rest.Count)];
            rest.Remove(axis);
            return axis;
        }
    }

    private Value Merge(Value x)
    {
        Shape shape = x.KnownShape;
        return Choose(3) switch
        {
            0 => graph.Add("Reshape", new ReshapeAttributes([shape[0], shape[1], -1]), x),
            1 => graph.Add("Reshape", new ReshapeAttributes([shape[0], 1, .. shape.Dims[1..^1], shape[-1]]), x),
            _ => graph.Add("Flatten", new FlattenAttributes(Choose(shape.Rank)), x),
        };
    }

    private Value? Shuffle(Value x)
    {
        Shape shape = x.KnownShape;
        if (shape[1] % 2 != 0)
            return null;
        Value cut = graph.Add("Reshape", new ReshapeAttributes([shape[0], 2, shape[1] / 2, .. shape.Dims[2..]]), x);
        Value swapped = graph.Add("Transpose", new TransposeAttributes([0, 2, 1, .. Enumerable.Range(3, shape.Rank - 2)]), cut);
        return graph.Add("Reshape", new ReshapeAttributes(shape.Dims.ToArray()), swapped);
    }

    private Value Pad(Value x)
    {
        var pads = new long[2 * x.KnownShape.Rank];
        pads[2] = Choose(2);
        pads[^1] = 1;
        uint bits = Choose(3) == 0 ? BitConverter.SingleToUInt32Bits(float.NegativeInfinity) : 0;
        Value padded = graph.Add("Pad", new PadAttributes(PadMode.Constant, pads, ElementType.Float32, bits), x);
        if (bits != 0)
            return graph.Add("MaxPool", PoolOf(padded), padded);
        return Choose(2) == 0 ? Pool(padded) : Convolve(padded);
    }

    private Value Mean(Value x) => graph.Add(
        Choose(2) == 0 ? "ReduceMean" : "ReduceMax", new ReduceAttributes([.. Enumerable.Range(2, x.KnownShape.Rank - 2)], Choose(2) == 0, NoneMeansNone: true), x);

    private Value Dense(Value x)
    {
        Value flat = graph.Add("Flatten", new FlattenAttributes(1), x);
        Value weights = Small([flat.KnownShape[1], 3]);
        return Choose(2) == 0
            ? graph.Add("Gemm", new GemmAttributes(1, 1, false, false), flat, weights, graph.Constant(3))
            : Binary("Add", graph.Add("MatMul", new MatMulAttributes(), flat, weights), graph.Constant(3));
    }

    private Value Cut(Value x)
    {
        if (Choose(2) == 0)
            return graph.Add("Slice", new SliceAttributes([Choose(2)], [x.KnownShape[1]], [1], [1]), x);
        Node split = graph.AddNode("Split", new SplitAttributes(1, [x.KnownShape[1] / 2, x.KnownShape[1] / 2]), 2, x);
        values.Add(split.Outputs[1]);
        return split.Output;
    }

    /// <summary>Weights so small that sums of products do not grow from layer to layer.</summary>
    private Value Small(long[] dims)
    {
        Tensor eighths = graph.Constant(dims).Constant!;
        float[] elements = Array.ConvertAll(eighths.ToArray<float>(), element => element / eighths.Shape.Product(1, dims.Length));
        return graph.Constant(eighths.Shape, elements);
    }
}
