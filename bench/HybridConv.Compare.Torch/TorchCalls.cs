using HybridConv.Graphs;
using HybridConv.Ops.BatchNormalization;
using HybridConv.Ops.Concat;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Gemm;
using HybridConv.Ops.Pad;
using HybridConv.Ops.Pool;
using HybridConv.Ops.Reduce;
using HybridConv.Ops.Slice;
using HybridConv.Ops.Softmax;
using HybridConv.Ops.Split;
using HybridConv.Ops.Transpose;
using TorchSharp;
using static TorchSharp.torch.nn.functional;
using Approximation = TorchSharp.Modules.GELU.Approximate;
using Tensor = TorchSharp.torch.Tensor;

namespace HybridConv.Compare.Torch;

/// <summary>What one call of torch computes of a node's operands, in their order; what it makes on the way, it frees.</summary>
internal delegate Tensor TorchCall(Tensor[] x);

/// <summary>The calls of torch by operator. Images and filters are seen channels-first, whatever memory format they have.</summary>
internal static class TorchCalls
{
    private delegate Tensor Windowed(Tensor[] x, Tensor image, long[] padding);

    /// <param name="node">With its shapes known, and as read but for what is folded into it.</param>
    /// <param name="output">Which of its outputs is wanted.</param>
    /// <param name="inPlace">Whether operand 0 may be overwritten.</param>
    /// <returns>Null where there is no such call, or none for these attributes.</returns>
    public static TorchCall? Of(Node node, int output, bool inPlace)
    {
        if (node.Outputs[output].Type != ElementType.Float32)
            return null;
        bool isImage = node.Input(0).KnownShape.Rank == 4;
        long[] shape = node.Outputs[output].KnownShape.Dims.ToArray();
        return (node.Op.Name, node.Attributes) switch
        {
            ("Conv", ConvAttributes conv) when isImage => Padded(conv.Pads!, 0, (x, image, padding) =>
                conv2d(image, x[1], Optional(x, 2), conv.Strides, padding, conv.Dilations, conv.Group)),
            ("MaxPool", PoolAttributes { Indices: false } pool) when isImage => Padded(pool.Pads!, double.NegativeInfinity, (_, image, padding) =>
                max_pool2d(image, pool.KernelShape, pool.Strides, padding, pool.Dilations, pool.CeilMode)),
            ("AveragePool", PoolAttributes pool) when isImage && IsAverage(pool) => Padded(pool.Pads!, 0, (_, image, padding) =>
                avg_pool2d(image, pool.KernelShape, pool.Strides, padding, pool.CeilMode, pool.CountIncludePad)),
            ("GlobalAveragePool", _) when isImage => x => adaptive_avg_pool2d(x[0], [1L, 1]),
            ("GlobalMaxPool", _) when isImage => x => x[0].amax([2L, 3], keepdim: true),
            ("BatchNormalization", BatchNormalizationAttributes { PerElement: false } norm) => x => batch_norm(x[0], x[3], x[4], x[1], x[2], eps: norm.Epsilon),
            ("Gemm", GemmAttributes { TransA: false, Alpha: 1, Beta: 1 } gemm) when node.OptionalInput(2) is not { KnownShape.Rank: > 1 } =>
                Linear(gemm.TransB),
            ("MatMul", _) => x => torch.matmul(x[0], x[1]),

            ("Relu", _) => inPlace ? x => x[0].relu_() : x => x[0].relu(),
            ("LeakyRelu", UnaryAttributes<LeakyRelu> leaky) => x => leaky_relu(x[0], leaky.Function.Slope, inPlace),
            ("Clip", ClipAttributes clip) when node.Inputs.Count == 1 => Clamp(clip.Min, clip.Max, inPlace),
            ("Sigmoid", _) => inPlace ? x => x[0].sigmoid_() : x => x[0].sigmoid(),
            ("HardSigmoid", UnaryAttributes<HardSigmoid> { Function: { Slope: 1f / 6, Offset: 0.5f } }) => x => hardsigmoid(x[0], inPlace),
            ("Swish", UnaryAttributes<Swish> swish) => Silu(swish.Function.Scale, inPlace),
            ("Mish", _) => x => mish(x[0], inPlace),
            ("Gelu", UnaryAttributes<Gelu> of) => x => gelu(x[0], of.Function.Approximate ? Approximation.tanh : Approximation.none, inPlace),
            ("Softplus", _) => x => softplus(x[0]),
            ("HardSwish", _) => x => hardswish(x[0], inPlace),
            ("Tanh", _) => x => tanh(x[0], inPlace),
            ("Exp", _) => x => x[0].exp(),
            ("Sqrt", _) => x => x[0].sqrt(),
            ("Add", BinaryAttributes { Axis: null }) => inPlace ? x => x[0].add_(x[1]) : x => x[0].add(x[1]),
            ("Sub", BinaryAttributes { Axis: null }) => inPlace ? x => x[0].sub_(x[1]) : x => x[0].sub(x[1]),
            ("Mul", BinaryAttributes { Axis: null }) => inPlace ? x => x[0].mul_(x[1]) : x => x[0].mul(x[1]),
            ("Div", BinaryAttributes { Axis: null }) => inPlace ? x => x[0].div_(x[1]) : x => x[0].div(x[1]),

            ("Softmax", SoftmaxAttributes { Flattens: false } softmax) => x => x[0].softmax(softmax.Axis),
            ("ReduceMean", ReduceAttributes mean) => x => x[0].mean(mean.Axes!, mean.KeepDims),
            ("Concat", ConcatAttributes concat) => x => torch.cat(x, concat.Axis),
            ("Split", SplitAttributes split) => Narrow(split.Axis, split.Sizes!.Take(output).Sum(), split.Sizes![output]),
            ("Slice", SliceAttributes slice) when Array.TrueForAll(slice.Steps!, step => step > 0) => Slice(slice),
            ("Pad", PadAttributes { Mode: PadMode.Constant } fill) when Array.TrueForAll(fill.Pads!, size => size >= 0) => Fill(fill),
            ("Transpose", TransposeAttributes transpose) => Permute(Array.ConvertAll(transpose.Permutation!, axis => (long)axis)),
            ("Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" or "Identity" or "Dropout", _) => x => x[0].reshape(shape),
            _ => null,
        };
    }

    /// <summary>Whether what the operator gives has memory of its own, and no share in an operand's.</summary>
    public static bool GivesOwnMemory(Node node) => node.Op.Name is not
        ("Split" or "Slice" or "Transpose" or "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" or "Identity" or "Dropout");

    private static Tensor? Optional(Tensor[] x, int operand) => operand < x.Length ? x[operand] : null;

    private static bool IsEven(long[] pads) => pads[0] == pads[2] && pads[1] == pads[3];

    /// <summary>Whether torch has such an average: without dilations and, where pads are a call of their own, of windows that count them.</summary>
    private static bool IsAverage(PoolAttributes pool) => Array.TrueForAll(pool.Dilations!, dilation => dilation == 1)
        && (IsEven(pool.Pads!) || pool is { CountIncludePad: true, CeilMode: false });

    /// <summary>
    /// Pads (top, left, bottom, right) that differ at the two ends of an axis are a call of their own: torch's operators pad both ends alike.
    /// </summary>
    private static TorchCall Padded(long[] pads, double border, Windowed call)
    {
        if (IsEven(pads))
        {
            long[] both = pads[..2];
            return x => call(x, x[0], both);
        }
        long[] sides = [pads[1], pads[3], pads[0], pads[2]], none = [0, 0];
        return x =>
        {
            using Tensor padded = pad(x[0], sides, value: border);
            return call(x, padded, none);
        };
    }

    private static TorchCall Linear(bool transposed) => transposed
        ? x => linear(x[0], x[1], Optional(x, 2))
        : x =>
        {
            using Tensor weights = x[1].t();
            return linear(x[0], weights, Optional(x, 2));
        };

    /// <summary>x * sigmoid(scale * x), which is one call for a scale of 1 only.</summary>
    private static TorchCall Silu(float scale, bool inPlace)
    {
        if (scale == 1)
            return x => silu(x[0], inPlace);
        Scalar factor = scale;
        return x =>
        {
            using Tensor scaled = x[0].mul(factor), gate = scaled.sigmoid();
            return inPlace ? x[0].mul_(gate) : x[0].mul(gate);
        };
    }

    private static TorchCall Clamp(float min, float max, bool inPlace)
    {
        Scalar low = min, high = max;
        return inPlace ? x => x[0].clamp_(low, high) : x => x[0].clamp(low, high);
    }

    private static TorchCall Narrow(long axis, long start, long size) => x => x[0].narrow(axis, start, size);

    private static TorchCall Permute(long[] permutation) => x => x[0].permute(permutation);

    private static TorchCall Slice(SliceAttributes slice) => x =>
    {
        Tensor result = x[0].alias();
        for (int i = 0; i < slice.Axes!.Length; i++)
        {
            using Tensor whole = result;
            result = whole.slice(slice.Axes[i], slice.Starts![i], slice.Ends![i], slice.Steps![i]);
        }
        return result;
    };

    /// <summary>torch lists the pads of the last axis first.</summary>
    private static TorchCall Fill(PadAttributes fill)
    {
        int rank = fill.Pads!.Length / 2;
        long[] sides = [.. Enumerable.Range(0, rank).Reverse().SelectMany(axis => new[] { fill.Pads[axis], fill.Pads[rank + axis] })];
        return x => pad(x[0], sides, value: fill.Value);
    }
}
