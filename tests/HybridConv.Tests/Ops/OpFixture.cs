using System.Numerics;
using System.Runtime.InteropServices;
using HybridConv.Cl;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Planning;
using HybridConv.Testing.Devices;
using Xunit;

namespace HybridConv.Tests.Ops;

/// <summary>
/// One node on its own: its inputs, what inference says about it, and what its reference and its CPU rows compute.
/// <code>float[] y = new OpFixture(new TransposeOp(), new TransposeAttributes([1, 0])).Input([1f, 2f], 1, 2).Reference&lt;float&gt;().Get&lt;float&gt;();</code>
/// </summary>
internal sealed class OpFixture
{
    /// <summary>Elements that a window has around each innermost run of a strided operand, and the byte that fills them.</summary>
    private const int Margin = 3;
    private const byte Canary = 0xCD;

    private readonly Op op;
    private readonly Func<List<Value?>, (object Attributes, IReadOnlyList<Value?> Inputs)> read;
    private readonly List<Value?> inputs = [];
    private readonly Dictionary<Value, byte[]> data = [];
    private int outputs = 1;
    private Node? node;

    /// <summary>A node with the attributes that its operator's <c>Read</c> would give.</summary>
    public OpFixture(Op op, object attributes)
    {
        this.op = op;
        read = operands => (attributes, operands);
    }

    private OpFixture(Op op, long opset, NodeAttribute[] attributes)
    {
        this.op = op;
        read = operands =>
        {
            string[] names = [.. operands.Select(v => v?.Name ?? "")];
            var record = new NodeRecord("node", op.Name, "", names, [.. Enumerable.Range(0, outputs).Select(i => $"y{i}")], attributes);
            var reader = new NodeReader(record, opset, name => operands.First(v => v?.Name == name)!);
            object typed = op.Read(reader);
            return (typed, reader.Inputs);
        };
    }

    /// <summary>A node as written in a file.</summary>
    public static OpFixture Read(string op, long opset, params NodeAttribute[] attributes) =>
        new(OpTable.Find(op) ?? throw new ArgumentException($"No operator '{op}'."), opset, attributes);

    public static NodeAttribute Attribute(string name, long value) => new(name, AttributeKind.Int, Int: value);
    public static NodeAttribute Attribute(string name, float value) => new(name, AttributeKind.Float, Float: value);
    public static NodeAttribute Attribute(string name, string value) => new(name, AttributeKind.Text, Text: value);
    public static NodeAttribute Attribute(string name, params long[] value) => new(name, AttributeKind.Ints, Ints: value);
    public static NodeAttribute Attribute(string name, params float[] value) => new(name, AttributeKind.Floats, Floats: value);
    public static NodeAttribute Attribute(string name, Tensor value) => new(name, AttributeKind.Tensor, Tensor: value);

    /// <summary>Adds an input that is known only at run time. Without a shape it is a vector.</summary>
    public OpFixture Input<T>(T[] elements, params long[] shape) where T : unmanaged
    {
        var value = new Value($"x{inputs.Count}") { Type = ElementTypes.Of<T>(), Shape = new Shape(shape.Length == 0 ? [elements.Length] : shape) };
        Assert.Equal(value.KnownShape.Elements, elements.Length);
        data[value] = MemoryMarshal.AsBytes<T>(elements).ToArray();
        inputs.Add(value);
        return this;
    }

    /// <summary>Adds a scalar input that is known only at run time.</summary>
    public OpFixture Scalar<T>(T element) where T : unmanaged
    {
        var value = new Value($"x{inputs.Count}") { Type = ElementTypes.Of<T>(), Shape = Shape.Scalar };
        data[value] = MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in element)).ToArray();
        inputs.Add(value);
        return this;
    }

    /// <summary>Adds a constant input. Without a shape it is a vector.</summary>
    public OpFixture Constant<T>(T[] elements, params long[] shape) where T : unmanaged
    {
        var value = Value.Of(Tensor.From(elements, new Shape(shape.Length == 0 ? [elements.Length] : shape), $"c{inputs.Count}"), $"c{inputs.Count}");
        data[value] = MemoryMarshal.AsBytes<T>(elements).ToArray();
        inputs.Add(value);
        return this;
    }

    /// <summary>Adds an absent optional input.</summary>
    public OpFixture Absent()
    {
        inputs.Add(null);
        return this;
    }

    public OpFixture Outputs(int count)
    {
        outputs = count;
        return this;
    }

    /// <summary>The node after inference, which runs twice: a second run must change nothing.</summary>
    public Node Node
    {
        get
        {
            if (node is not null)
                return node;
            (object attributes, IReadOnlyList<Value?> operands) = read(inputs);
            var made = new Node("node", op, attributes, operands, [.. Enumerable.Range(0, outputs).Select(i => new Value($"y{i}"))]);
            op.Infer(new Inference(made));
            Shape?[] shapes = [.. made.Outputs.Select(v => v.Shape)];
            ElementType[] types = [.. made.Outputs.Select(v => v.Type)];
            op.Infer(new Inference(made));
            Assert.Equal(shapes, made.Outputs.Select(v => v.Shape));
            Assert.Equal(types, made.Outputs.Select(v => v.Type));
            return node = made;
        }
    }

    public Shape OutputShape => Node.Output.KnownShape;

    /// <summary>Runs the operator's reference in <typeparamref name="T"/> on dense managed memory; float32 tensors then hold <typeparamref name="T"/>.</summary>
    public Results Reference<T>() where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Operand[] reads = [.. Node.Inputs.Select(v => v is null ? default : Dense<T>(v, Bytes<T>(v)))];
        Operand[] writes = [.. Node.Outputs.Select(v => Dense<T>(v, new byte[v.KnownShape.Elements * Elements.SizeOf<T>(v.Type)]))];
        op.Reference<T>(Node, new Operands(reads, writes));
        return new Results([.. writes.Select(w => w.Buffer.ToArray())]);
    }

    /// <summary>The rows of the CPU table that fit this node on the machine.</summary>
    public IReadOnlyList<Choice> Rows(CpuInfo machine) => [.. op.Choices(Node, machine).Where(c => c.Fit.Ok)];

    /// <summary>Makes operands dense, or windows on larger tensors, which constants never are.</summary>
    private void Place(bool strided)
    {
        foreach (Value value in Node.Inputs.OfType<Value>().Concat(Node.Outputs))
            value.View = strided && !value.IsConstant ? Window(value.KnownShape) : null;
    }

    /// <summary>
    /// Runs one row of the CPU table. With <paramref name="strided"/>, operands are windows on larger tensors, as the planner makes for concat and split,
    /// and everything outside the windows must be neither used nor changed.
    /// </summary>
    public Results Run(string row, CpuInfo machine, bool strided = false, bool reverseTasks = false)
    {
        Place(strided);
        Results results = Run(op.Choices(Node, machine).First(c => c.Name == row), (row, reads, writes, _, allocate) =>
        {
            var kernel = (ICpuKernel)row;
            AlignedMemory scratch = allocate(kernel.ScratchBytes);
            for (int i = 0; i < kernel.Tasks; i++)
                kernel.Run(new StepArgs(reads, writes, scratch.Address), reverseTasks ? kernel.Tasks - 1 - i : i);
        });
        Place(strided: false);
        return results;
    }

    private Results Run(Choice choice, Action<IKernel, Operand[], Operand[], PackedWeights?, Func<long, AlignedMemory>> run)
    {
        Assert.True(choice.Fit.Ok, choice.Fit.Why);

        var owned = new List<AlignedMemory>();
        AlignedMemory Allocate(long bytes)
        {
            owned.Add(new AlignedMemory(bytes));
            owned[^1].Memory.Span.Fill(Canary);
            return owned[^1];
        }

        PackedWeights? packed = null;
        if (choice.Pack is { } format)
        {
            Tensor?[] weights = [.. format.Operands.Select(i => Node.OptionalInput(i)?.Constant)];
            packed = new PackedWeights(Allocate(format.Bytes(weights)));
            format.Pack(weights, packed.Memory.Span);
        }
        Operand[] reads = [.. Node.Inputs.Select((v, i) => v is null || choice.Pack?.Operands.Contains(i) == true ? default : Place(v, Allocate, Bytes<float>(v)))];
        Operand[] writes = [.. Node.Outputs.Select(v => Place(v, Allocate, null))];
        run(choice.Bind(packed), reads, writes, packed, Allocate);

        var results = new Results([.. writes.Select(Gather)]);
        GC.KeepAlive(owned);
        return results;
    }

    private static TensorView Window(Shape shape)
    {
        if (shape.Rank == 0)
            return new TensorView(shape, Margin, []);
        Shape whole = shape.With(-1, shape[-1] + 2 * Margin);
        return TensorView.Dense(whole).Window(shape.Rank - 1, Margin, shape[-1]);
    }

    private byte[] Bytes<T>(Value value) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        byte[] bytes = data.TryGetValue(value, out byte[]? given) ? given : value.Constant!.Data.ToArray();
        return value.Type == ElementType.Float32
            ? MemoryMarshal.AsBytes<T>(Array.ConvertAll(MemoryMarshal.Cast<byte, float>(bytes).ToArray(), T.CreateTruncating)).ToArray()
            : bytes;
    }

    private static Operand Dense<T>(Value value, byte[] bytes) where T : unmanaged =>
        new(value.Type, TensorView.Dense(value.KnownShape), bytes, 0);

    private static Operand Place(Value value, Func<long, AlignedMemory> allocate, byte[]? contents)
    {
        TensorView view = value.View ?? TensorView.Dense(value.KnownShape);
        int size = value.Type.Size();
        long extent = view.Offset + Margin + 1;
        for (int i = 0; i < view.Shape.Rank; i++)
            extent += Math.Max(0, view.Shape[i] - 1) * view.Strides[i];
        AlignedMemory memory = allocate(extent * size);
        if (contents is not null)
            for (var walk = new Walk(view.Shape, view.Strides, view.Shape.DenseStrides()); walk.Live; walk.Next())
                contents.AsSpan(walk[1] * size, size).CopyTo(memory.Memory.Span[(int)((view.Offset + walk[0]) * size)..]);
        return new Operand(value.Type, view, memory.Memory, memory.Address + (nint)(view.Offset * size));
    }

    /// <summary>The elements of an operand's window, densely; everything else must still be canaries.</summary>
    private static byte[] Gather(Operand operand)
    {
        int size = operand.Type.Size();
        TensorView view = operand.View;
        byte[] memory = operand.Buffer.ToArray(), dense = new byte[view.Shape.Elements * size];
        for (var walk = new Walk(view.Shape, view.Strides, view.Shape.DenseStrides()); walk.Live; walk.Next())
        {
            Span<byte> element = memory.AsSpan((int)((view.Offset + walk[0]) * size), size);
            element.CopyTo(dense.AsSpan(walk[1] * size));
            element.Fill(Canary);
        }
        Assert.False(memory.AsSpan().ContainsAnyExcept(Canary), "written outside the output");
        return dense;
    }

    /// <summary>What a run computed, densely.</summary>
    internal sealed class Results(byte[][] outputs)
    {
        public T[] Get<T>(int output = 0) where T : unmanaged => MemoryMarshal.Cast<byte, T>(outputs[output]).ToArray();

        /// <summary>Fails where any bit differs.</summary>
        /// <param name="expected">What is right.</param>
        /// <param name="by">Who computed this, for the message.</param>
        public void MustEqual(Results expected, string by = "it")
        {
            for (int i = 0; i < outputs.Length; i++)
            {
                int same = outputs[i].AsSpan().CommonPrefixLength(expected.Bytes(i));
                Assert.True(same == outputs[i].Length && same == expected.Bytes(i).Length, $"{by}: output {i} differs at byte {same} of {outputs[i].Length}");
            }
        }

        private byte[] Bytes(int output) => outputs[output];
    }

    /// <summary>Every row that fits, on every vector width this machine has, with dense and (where accepted) strided operands, must give the reference's bits.</summary>
    public void RowsMustEqualReference()
    {
        Results expected = Reference<float>();
        foreach (Isa isa in Enum.GetValues<Isa>().Where(isa => isa <= CpuInfo.Widest))
            foreach (int threads in (int[])[1, 3])
            {
                var machine = new CpuInfo(isa, threads);
                Place(strided: false);
                foreach (Choice row in Rows(machine))
                {
                    Run(row.Name, machine).MustEqual(expected);
                    Run(row.Name, machine, reverseTasks: true).MustEqual(expected);
                }
                if (!op.AcceptsViews(Node) || op.IsAlias(Node))
                    continue;
                Place(strided: true);
                foreach (Choice row in Rows(machine))
                    Run(row.Name, machine, strided: true).MustEqual(expected);
            }
        if (OpenClDevice.IsThere)
            DeviceRowsMustEqual(expected);
    }

    /// <summary>Every OpenCL row that fits, for every profile.</summary>
    private void DeviceRowsMustEqual(Results expected)
    {
        foreach (ClProfile profile in Enum.GetValues<ClProfile>())
            foreach (bool strided in op.AcceptsViews(Node) && !op.IsAlias(Node) ? (bool[])[false, true] : [false])
            {
                Place(strided);
                foreach (Choice row in op.Choices(Node, OpenClDevice.Entry.Facts.ForRows(profile, reproducible: true)).Where(c => c.Fit.Ok && Packs(c)))
                    Run(row, (kernel, reads, writes, packed, _) => DeviceRunner.Run((ClKernel)kernel, reads, writes, packed)).MustEqual(expected, $"{row.Name} for {profile}{(strided ? " on windows" : "")}");
            }
        Place(strided: false);
    }

    /// <summary>Whether everything that the row packs is constant.</summary>
    private bool Packs(Choice row) => row.Pack?.Operands.All(i => Node.OptionalInput(i) is null or { IsConstant: true }) != false;

    /// <summary>Seeded numbers in [-1, 1), for inputs whose values do not matter.</summary>
    public static float[] Random(long count, int seed = 1)
    {
        var random = new Random(seed);
        var values = new float[count];
        for (int i = 0; i < values.Length; i++)
            values[i] = (float)(2 * random.NextDouble() - 1);
        return values;
    }
}
