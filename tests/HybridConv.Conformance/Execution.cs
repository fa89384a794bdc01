using System.Numerics;
using System.Runtime.InteropServices;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Planning;

namespace HybridConv.Conformance;

/// <summary>In which order, or how, the tasks of a kernel run.</summary>
internal enum TaskOrder { Ascending, Shuffled, Parallel }

/// <summary>Runs cases: the oracle in double, the reference in float, and any row of the operator's table, on poisoned and guarded memory.</summary>
internal static class Execution
{
    private const int GuardBytes = 256;
    private const byte Guard = 0xCD;

    /// <summary>The reference in <typeparamref name="T"/> on dense memory.</summary>
    public static T[] Reference<T>(Case problem) where T : unmanaged, IBinaryFloatingPointIeee754<T>
    {
        Node node = (problem with { Placement = Placement.Dense }).ToNode();
        Operand[] inputs = new Operand[node.Inputs.Count];
        for (int i = 0; i < inputs.Length; i++)
            if (problem.Operands[i] is { } operand)
                inputs[i] = Dense<T>(operand.Shape, operand.Type, operand.Data);
        Operand[] outputs = [.. node.Outputs.Select(output => Dense<T>(output.KnownShape, output.Type, new float[output.KnownShape.Elements]))];
        problem.Op.Reference<T>(node, new Operands(inputs, outputs));
        return [.. outputs.SelectMany(Elements<T>)];
    }

    /// <summary>The rows of the operator's table that fit the case on a machine.</summary>
    public static IEnumerable<Choice> Rows(Case problem, CpuInfo machine) => problem.Op.Choices(problem.ToNode(), machine).Where(row => row.Fit.Ok);

    /// <summary>
    /// One row's result. Outputs and scratch start as NaN, everything around the operands is guarded: a read outside an input finds NaN,
    /// and a write outside the outputs fails.
    /// </summary>
    public static float[] Run(Case problem, string row, CpuInfo machine, TaskOrder order = TaskOrder.Ascending)
    {
        Node node = problem.ToNode();
        Choice choice = problem.Op.Choices(node, machine).Single(c => c.Name == row);
        PackedWeights? packed = Pack(choice.Pack, node);
        var kernel = (ICpuKernel)choice.Bind(packed);
        var inputs = new GuardedOperand?[node.Inputs.Count];
        for (int i = 0; i < inputs.Length; i++)
            if (problem.Operands[i] is { } operand)
                inputs[i] = new GuardedOperand(operand.Type, node.Input(i).View ?? TensorView.Dense(operand.Shape), operand.Data);
        GuardedOperand[] outputs = [.. node.Outputs.Select(output => new GuardedOperand(output.Type, output.View!, null))];
        Operand[] reads = [.. inputs.Select(i => i?.Operand ?? default)], writes = [.. outputs.Select(output => output.Operand)];

        if (order == TaskOrder.Parallel)
            Parallel.For(0, kernel.Tasks, task => RunTask(kernel, reads, writes, task));
        else
            foreach (int task in Order(kernel.Tasks, order))
                RunTask(kernel, reads, writes, task);
        foreach (GuardedOperand? input in inputs)
            input?.CheckUnchanged();
        return [.. outputs.SelectMany(output => output.CheckAndGather())];
    }

    private static void RunTask(ICpuKernel kernel, Operand[] reads, Operand[] writes, int task)
    {
        using var scratch = new AlignedMemory(kernel.ScratchBytes + GuardBytes);
        int floats = (int)(kernel.ScratchBytes / sizeof(float));
        scratch.Memory.Span.Fill(Guard);
        MemoryMarshal.Cast<byte, float>(scratch.Memory.Span)[..floats].Fill(float.NaN);
        kernel.Run(new StepArgs(reads, writes, scratch.Address), task);
        if (scratch.Memory.Span[(int)kernel.ScratchBytes..].ContainsAnyExcept(Guard))
            throw new InvalidOperationException("a task wrote behind its scratch memory");
        GC.KeepAlive(scratch);
    }

    private static IEnumerable<int> Order(int tasks, TaskOrder order)
    {
        int[] all = [.. Enumerable.Range(0, tasks)];
        if (order == TaskOrder.Shuffled)
            new Random(tasks).Shuffle(all);
        return all;
    }

    private static PackedWeights? Pack(PackFormat? format, Node node)
    {
        if (format is null)
            return null;
        Tensor?[] operands = [.. format.Operands.Select(i => node.OptionalInput(i)?.Constant)];
        var memory = new AlignedMemory(format.Bytes(operands));
        MemoryMarshal.Cast<byte, float>(memory.Memory.Span).Fill(float.NaN);
        format.Pack(operands, memory.Memory.Span);
        return new PackedWeights(memory);
    }

    /// <summary>Floats lie in memory as <typeparamref name="T"/>.</summary>
    private static Operand Dense<T>(Shape shape, ElementType type, float[] data) where T : unmanaged, IBinaryFloatingPointIeee754<T> =>
        new(type, TensorView.Dense(shape), type == ElementType.Float32 ? MemoryMarshal.AsBytes<T>(Array.ConvertAll(data, T.CreateChecked)).ToArray() : TypedBytes.Of(data, type), 0);

    private static T[] Elements<T>(Operand operand) where T : unmanaged, IBinaryFloatingPointIeee754<T> => operand.Type == ElementType.Float32
        ? MemoryMarshal.Cast<byte, T>(operand.Buffer.Span).ToArray()
        : [.. Enumerable.Range(0, (int)operand.View.Shape.Elements).Select(i => T.CreateChecked(TypedBytes.Read(operand.Buffer.Span, operand.Type, i)))];

    /// <summary>An operand in memory of its own, with all bits set wherever its view does not reach, which is NaN in floats, and guards at both ends.</summary>
    private sealed class GuardedOperand
    {
        private readonly AlignedMemory memory;
        private readonly ElementType type;
        private readonly TensorView view;
        private readonly byte[] before;

        public GuardedOperand(ElementType type, TensorView view, float[]? data)
        {
            this.type = type;
            this.view = view;
            long extent = view.Offset + 1;
            for (int i = 0; i < view.Shape.Rank; i++)
                extent += Math.Max(0, view.Shape[i] - 1) * view.Strides[i];
            memory = new AlignedMemory(extent * type.Size() + 2 * GuardBytes);
            memory.Memory.Span.Fill(byte.MaxValue);
            if (data is not null)
                for (var walk = new Walk(view.Shape, view.Strides, view.Shape.DenseStrides()); walk.Live; walk.Next())
                    TypedBytes.Write(Inside, type, walk[0], data[walk[1]]);
            before = memory.Memory.ToArray();
        }

        public Operand Operand => new(type, view, memory.Memory[GuardBytes..], memory.Address + GuardBytes + (nint)view.Offset * type.Size());

        private Span<byte> Inside => memory.Memory.Span[(GuardBytes + (int)view.Offset * type.Size())..];

        public void CheckUnchanged()
        {
            if (!memory.Memory.Span.SequenceEqual(before))
                throw new InvalidOperationException("an input was written to");
        }

        public float[] CheckAndGather()
        {
            var result = new float[view.Shape.Elements];
            for (var walk = new Walk(view.Shape, view.Strides, view.Shape.DenseStrides()); walk.Live; walk.Next())
            {
                result[walk[1]] = TypedBytes.Read(Inside, type, walk[0]);
                Inside.Slice(walk[0] * type.Size(), type.Size()).Fill(byte.MaxValue);
            }
            if (!memory.Memory.Span.SequenceEqual(before))
                throw new InvalidOperationException("a task wrote outside an output");
            return result;
        }
    }
}
