using System.Runtime.InteropServices;
using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Planning;

namespace HybridConv.Bench;

/// <summary>
/// One node with operands of its own, bound to the row that the planner would take. It may be bound several times, each with its own copy of the packed weights:
/// run one after the other, each finds its weights where a network finds them, behind everything else that has passed through the caches.
/// </summary>
internal sealed class BoundLayer : IDisposable
{
    private const int MostCopies = 8192;

    private readonly Node node;
    private readonly Operand[] inputs, outputs;
    private readonly List<AlignedMemory> memories = [];
    private readonly List<PackedWeights> weights = [];
    private readonly StepWork[] copies;
    private readonly nint scratch;
    private readonly WorkerPool pool;
    private int next;

    /// <param name="node">As planned.</param>
    /// <param name="threads">Threads that share its tasks.</param>
    /// <param name="weightBytes">Copies are made until their packed weights together take as much; 0 for one copy.</param>
    public BoundLayer(Node node, int threads, long weightBytes)
    {
        this.node = node;
        pool = new WorkerPool(threads);
        CpuInfo machine = CpuInfo.Current(threads);
        Choice row = node.Op.Choices(node, machine).Where(choice => choice.Fit.Ok).MinBy(choice => choice.Fit.Nanoseconds)
            ?? throw new InvalidOperationException($"only the reference runs {node.Name}");
        Row = row.Name;
        var random = new Random(1);
        inputs = [.. node.Inputs.Select((value, i) => value is null || row.Pack?.Operands.Contains(i) == true ? default : Allocate(value, random))];
        outputs = [.. node.Outputs.Select(value => Allocate(value, random))];

        PackedWeights? packed = row.Pack?.Pack(row.Pack.OperandsOf(node));
        WeightBytes = packed?.Bytes ?? 0;
        int count = packed is null ? 1 : (int)Math.Clamp(weightBytes / Math.Max(1, packed.Bytes), 1, MostCopies);
        copies = new StepWork[count];
        long scratchBytes = 0;
        for (int i = 0; i < count; i++)
        {
            PackedWeights? own = i == 0 ? packed : Copy(packed!);
            if (own is not null)
                weights.Add(own);
            var kernel = (ICpuKernel)row.Bind(own);
            scratchBytes = StepWork.AlignUp(kernel.ScratchBytes) * threads;
            copies[i] = new StepWork(kernel, inputs, outputs, parallel: threads > 1);
        }
        scratch = Allocate(scratchBytes).Address;
        RequireRight();
    }

    public string Row { get; }

    public long WeightBytes { get; }

    public void Run()
    {
        StepWork work = copies[next];
        next = next + 1 == copies.Length ? 0 : next + 1;
        if (!work.Parallel || !pool.TryEnter())
        {
            work.RunAll(scratch);
            return;
        }
        pool.Run(work, scratch);
        pool.Leave();
    }

    public void Dispose()
    {
        pool.Dispose();
        GC.KeepAlive(weights);
        foreach (AlignedMemory memory in memories)
            memory.Dispose();
    }

    /// <summary>Compares what the row computes with the operator's definition.</summary>
    private void RequireRight()
    {
        Run();
        byte[] got = outputs[0].Buffer.ToArray();
        Operand[] whole = [.. node.Inputs.Select((value, i) => inputs[i].Exists || value is null ? inputs[i] : Constant(value))];
        node.Op.Reference<float>(node, new Operands(whole, outputs));
        ReadOnlySpan<float> want = outputs[0].Elements(), have = MemoryMarshal.Cast<byte, float>(got);
        float largest = 0, difference = 0;
        for (int i = 0; i < want.Length; i++)
        {
            largest = Math.Max(largest, Math.Abs(want[i]));
            difference = Math.Max(difference, Math.Abs(want[i] - have[i]));
        }
        if (!(difference <= 1e-4f * largest))
            throw new InvalidOperationException($"{Row} is wrong: it differs by {difference} where the largest number is {largest}");
    }

    private static Operand Constant(Value value) =>
        new(value.Type, TensorView.Dense(value.KnownShape), MemoryMarshal.AsMemory(value.Constant!.Data), 0);

    private Operand Allocate(Value value, Random random)
    {
        TensorView view = value.View ?? TensorView.Dense(value.KnownShape);
        long floats = view.Offset + 1;
        for (int axis = 0; axis < view.Shape.Rank; axis++)
            floats += (view.Shape[axis] - 1) * view.Strides[axis];
        AlignedMemory memory = Allocate(floats * sizeof(float));
        var operand = new Operand(value.Type, view, memory.Memory, memory.Address + (nint)view.Offset * sizeof(float));
        foreach (ref float element in operand.Elements())
            element = random.NextSingle() * 2 - 1;
        return operand;
    }

    private AlignedMemory Allocate(long bytes)
    {
        var memory = new AlignedMemory(bytes);
        memories.Add(memory);
        return memory;
    }

    private static PackedWeights Copy(PackedWeights packed)
    {
        var memory = new AlignedMemory(packed.Bytes);
        packed.Memory.CopyTo(memory.Memory);
        return new PackedWeights(memory);
    }
}

internal static class OperandElements
{
    /// <summary>All floats of the operand's buffer.</summary>
    public static Span<float> Elements(this in Operand operand) => MemoryMarshal.Cast<byte, float>(operand.Buffer.Span);
}
