using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.OpenCL.Running;
using HybridConv.Ops;
using HybridConv.Planning;
using HybridConv.Testing.Devices;

namespace HybridConv.Conformance;

/// <summary>
/// Runs one row of an operator's OpenCL table on one case: a plan of a single step, made by hand and run as any other. All operands lie in one arena that is the
/// plan's only input and only output, with NaN around them, so that a read outside an input finds NaN and a write outside the output is seen.
/// </summary>
internal static class DeviceExecution
{
    private const int Guard = 256;

    /// <summary>The rows of the operator's table that fit the case on a machine and pack nothing that is no constant.</summary>
    public static IEnumerable<Choice> Rows(Case problem, ClDevice machine)
    {
        Node node = problem.ToNode();
        return problem.Op.Choices(node, machine).Where(row => row.Fit.Ok && row.Pack?.Operands.All(i => node.OptionalInput(i) is null or { IsConstant: true }) != false);
    }

    /// <summary>The row bound to the case.</summary>
    public static ClKernel Bind(Case problem, Choice row) => (ClKernel)row.Bind(Pack(row.Pack, problem.ToNode()));

    /// <summary>The row's result.</summary>
    /// <param name="problem">Its first operand's data is at stake, too, when the result is written over it.</param>
    /// <param name="row">One of <see cref="Rows"/>.</param>
    /// <param name="over">The input that the output is written over; null for an output of its own.</param>
    /// <exception cref="InvalidOperationException">Something was written that is not the output.</exception>
    public static float[] Run(Case problem, Choice row, int? over = null)
    {
        Node node = problem.ToNode();
        PackedWeights? packed = Pack(row.Pack, node);
        var kernel = (ClKernel)row.Bind(packed);
        var arena = new Arena();
        Slot[] inputs = [.. node.Inputs.Select((input, i) => input is null || row.Pack?.Operands.Contains(i) == true ? Slot.Absent : arena.Add(input, problem.Operands[i]!.Data))];
        Slot[] outputs = [.. node.Outputs.Select(output => over is { } input ? inputs[input] with { View = output.View! } : arena.Add(output, null))];

        var context = new DeviceContext(OpenClDevice.Api, OpenClDevice.Entry);
        try
        {
            using PlanRun run = new OpenClPlan
            {
                Steps = [],
                Passes = [],
                Outputs = [],
                ArenaBytes = arena.Bytes + kernel.ScratchBytes,
                WeightBytes = packed?.Bytes ?? 0,
                Context = context,
                Bound = [new BoundStep(problem.Name, kernel, inputs, outputs, packed)],
                InputSlots = [arena.Whole],
                OutputSlots = [arena.Whole],
                Banks = new ArenaBanks(arena.Bytes, arena.Bytes),
                ScratchBytes = kernel.ScratchBytes,
                Poisons = true,
            }.CreateRun();
            byte[] before = arena.ToArray();
            before.CopyTo(run.Input(0));
            run.Execute(default);
            return Gather(run.Output(0).ToArray(), before, outputs);
        }
        finally
        {
            context.Release();
        }
    }

    /// <summary>The elements of the outputs, one output after the other; everything else must be as before.</summary>
    private static float[] Gather(byte[] after, byte[] before, IEnumerable<Slot> outputs)
    {
        var result = new List<float>();
        foreach (Slot slot in outputs)
        {
            int size = slot.Type.Size(), start = (int)slot.Offset + (int)slot.View.Offset * size;
            for (var walk = new Walk(slot.View.Shape, slot.View.Strides); walk.Live; walk.Next())
            {
                result.Add(TypedBytes.Read(after.AsSpan(start), slot.Type, walk[0]));
                before.AsSpan(start + walk[0] * size, size).CopyTo(after.AsSpan(start + walk[0] * size));
            }
        }
        if (!after.AsSpan().SequenceEqual(before))
            throw new InvalidOperationException($"byte {after.AsSpan().CommonPrefixLength(before)} of the arena is no output and was written to");
        return [.. result];
    }

    /// <summary>Packed weights, with NaN behind them.</summary>
    private static PackedWeights? Pack(PackFormat? format, Node node)
    {
        if (format is null)
            return null;
        Tensor?[] operands = format.OperandsOf(node);
        int bytes = (int)format.Bytes(operands);
        var memory = new Cpu.AlignedMemory(bytes + Guard);
        memory.Memory.Span.Fill(byte.MaxValue);
        format.Pack(operands, memory.Memory.Span[..bytes]);
        return new PackedWeights(memory);
    }

    /// <summary>Storages with guards between them: every bit set, which is NaN in every float.</summary>
    private sealed class Arena
    {
        private readonly List<byte> bytes = [.. Enumerable.Repeat(byte.MaxValue, Guard)];

        public long Bytes => bytes.Count;

        public Slot Whole => new(ElementType.UInt8, TensorView.Dense(new Shape(Bytes)), 0, Bytes, null);

        public byte[] ToArray() => [.. bytes];

        public Slot Add(Value value, float[]? data)
        {
            TensorView view = value.View ?? TensorView.Dense(value.KnownShape);
            long extent = view.Offset + 1;
            for (int i = 0; i < view.Shape.Rank; i++)
                extent += Math.Max(0, view.Shape[i] - 1) * view.Strides[i];
            var memory = new byte[extent * value.Type.Size()];
            memory.AsSpan().Fill(byte.MaxValue);
            if (data is not null)
                for (var walk = new Walk(view.Shape, view.Strides, view.Shape.DenseStrides()); walk.Live; walk.Next())
                    TypedBytes.Write(memory, value.Type, view.Offset + walk[0], data[walk[1]]);
            var slot = new Slot(value.Type, view, Bytes, memory.Length, null);
            bytes.AddRange(memory);
            bytes.AddRange(Enumerable.Repeat(byte.MaxValue, Guard + (int)(-(bytes.Count) & (Guard - 1))));
            return slot;
        }
    }
}
