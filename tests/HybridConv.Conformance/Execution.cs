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
                inputs[i] = Dense(operand.Shape, Array.ConvertAll(operand.Data, T.CreateChecked));
        Operand[] outputs = [.. node.Outputs.Select(output => Dense(output.KnownShape, new T[output.KnownShape.Elements]))];
        problem.Op.Reference<T>(node, new Operands(inputs, outputs));
        return [.. outputs.SelectMany(output => MemoryMarshal.Cast<byte, T>(output.Buffer.Span).ToArray())];
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
                inputs[i] = new GuardedOperand(node.Input(i).View ?? TensorView.Dense(operand.Shape), operand.Data);
        GuardedOperand[] outputs = [.. node.Outputs.Select(output => new GuardedOperand(output.View!, null))];
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

    private static Operand Dense<T>(Shape shape, T[] data) where T : unmanaged =>
        new(ElementType.Float32, TensorView.Dense(shape), MemoryMarshal.AsBytes<T>(data).ToArray(), 0);

    /// <summary>An operand in memory of its own, with NaN wherever its view does not reach, and guards at both ends.</summary>
    private sealed class GuardedOperand
    {
        private readonly AlignedMemory memory;
        private readonly TensorView view;
        private readonly byte[] before;

        public GuardedOperand(TensorView view, float[]? data)
        {
            this.view = view;
            long extent = view.Offset + 1;
            for (int i = 0; i < view.Shape.Rank; i++)
                extent += Math.Max(0, view.Shape[i] - 1) * view.Strides[i];
            memory = new AlignedMemory(extent * sizeof(float) + 2 * GuardBytes);
            Floats.Fill(float.NaN);
            if (data is not null)
                for (var walk = new Walk(view.Shape, view.Strides, view.Shape.DenseStrides()); walk.Live; walk.Next())
                    Inside[walk[0]] = data[walk[1]];
            before = memory.Memory.ToArray();
        }

        public Operand Operand => new(ElementType.Float32, view, memory.Memory[GuardBytes..], memory.Address + GuardBytes + (nint)view.Offset * sizeof(float));

        private Span<float> Floats => MemoryMarshal.Cast<byte, float>(memory.Memory.Span);

        private Span<float> Inside => Floats[(GuardBytes / sizeof(float) + (int)view.Offset)..];

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
                result[walk[1]] = Inside[walk[0]];
                Inside[walk[0]] = float.NaN;
            }
            if (!memory.Memory.Span.SequenceEqual(before))
                throw new InvalidOperationException("a task wrote outside an output");
            return result;
        }
    }
}
