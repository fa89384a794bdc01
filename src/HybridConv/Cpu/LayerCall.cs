using System.Buffers;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Conv;
using HybridConv.Planning;

namespace HybridConv.Cpu;

/// <summary>One convolution on the caller's spans: checked, given to the best row of its table, and run on the caller's thread.</summary>
internal static unsafe class LayerCall
{
    /// <param name="name">The public method, for errors.</param>
    /// <param name="attributes">Channels-last.</param>
    /// <param name="imageShape">Batch, height, width, channels.</param>
    /// <param name="filterShape">Output channels, input channels of a group, height, width.</param>
    /// <param name="image">Exactly the elements of its shape; so are all operands.</param>
    /// <param name="weights">The filters.</param>
    /// <param name="bias">One number for each output channel, or empty.</param>
    /// <param name="output">Batch, height, width, output channels; must not overlap the operands.</param>
    public static void Convolve(
        string name, ConvAttributes attributes, Shape imageShape, Shape filterShape,
        ReadOnlySpan<float> image, ReadOnlySpan<float> weights, ReadOnlySpan<float> bias, Span<float> output)
    {
        Require(name, "the image", image, imageShape);
        Require(name, "weights", weights, filterShape);
        var biasShape = new Shape(filterShape[0]);
        if (!bias.IsEmpty)
            Require(name, "the bias", bias, biasShape);
        if (output.Overlaps(image) || output.Overlaps(weights) || output.Overlaps(bias))
            throw new ShapeException($"{name}: the output overlaps what it is computed from");
        fixed (float* x = image, w = weights, b = bias, y = output)
        {
            using PinnedFloats images = new(x, image.Length), filters = new(w, weights.Length), biases = new(b, bias.Length), results = new(y, output.Length);
            List<Value?> inputs = [new Value("image") { Type = ElementType.Float32, Shape = imageShape }, Constant("weights", filterShape, filters)];
            if (!bias.IsEmpty)
                inputs.Add(Constant("bias", biasShape, biases));
            var node = new Node(name, OpTable.Get<ConvOp>(), attributes, inputs, [new Value("output")]);
            node.Op.Infer(new Inference(node));
            Require(name, "the output", output, node.Output.KnownShape);

            Operand[] reads = [images.Of(imageShape), filters.Of(filterShape), bias.IsEmpty ? default : biases.Of(biasShape)];
            Run(node, reads.AsSpan(0, inputs.Count), [results.Of(node.Output.KnownShape)]);
        }
    }

    private static void Run(Node node, ReadOnlySpan<Operand> inputs, ReadOnlySpan<Operand> outputs)
    {
        Choice? best = node.Op.Choices(node, CpuInfo.Current(threads: 1)).Where(c => c.Fit.Ok).MinBy(c => c.Fit.Nanoseconds);
        if (best is null)
        {
            node.Op.Reference<float>(node, new Operands(inputs, outputs));
            return;
        }
        PackedWeights? packed = best.Pack is null ? null : best.Pack.Pack(best.Pack.OperandsOf(node));
        var kernel = (ICpuKernel)best.Bind(packed);
        using var scratch = new AlignedMemory(kernel.ScratchBytes);
        for (int task = 0; task < kernel.Tasks; task++)
            kernel.Run(new StepArgs(inputs, outputs, scratch.Address), task);
        GC.KeepAlive(packed);
    }

    private static Value Constant(string name, Shape shape, PinnedFloats data) => Value.Of(Tensor.From(ElementType.Float32, shape, name, data.Memory), name);

    private static void Require(string name, string what, ReadOnlySpan<float> span, Shape shape)
    {
        if (span.Length != shape.Elements)
            throw new ShapeException($"{name}: {what} of {shape} takes {shape.Elements} numbers, not {span.Length}");
    }

    /// <summary>Pinned floats as memory of bytes, for as long as they are pinned.</summary>
    private sealed class PinnedFloats(float* start, int length) : MemoryManager<byte>
    {
        public Operand Of(Shape shape) => new(ElementType.Float32, TensorView.Dense(shape), Memory, (nint)start);

        public override Span<byte> GetSpan() => new(start, checked(length * sizeof(float)));

        public override MemoryHandle Pin(int elementIndex = 0) => new((byte*)start + elementIndex);

        public override void Unpin() { }

        protected override void Dispose(bool disposing) { }
    }
}
