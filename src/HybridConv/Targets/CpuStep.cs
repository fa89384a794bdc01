using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Planning;

namespace HybridConv.Targets;

/// <summary>A bound row, and where its operands lie.</summary>
/// <param name="Kernel">The bound row.</param>
/// <param name="Inputs">Default for operands that are absent or packed.</param>
/// <param name="Outputs">In the node's order.</param>
/// <param name="Packed">Kept alive as long as the step: the kernel knows only its address.</param>
/// <param name="Shared">Whether other threads take part.</param>
internal sealed record CpuStep(ICpuKernel Kernel, CpuSlot[] Inputs, CpuSlot[] Outputs, PackedWeights? Packed, bool Shared)
{
    /// <summary>Steps predicted to take less are not worth handing to other threads.</summary>
    private const double SharedFromNanoseconds = 4_000;

    /// <param name="node">What is computed.</param>
    /// <param name="choice">The row.</param>
    /// <param name="storages">Of every value, with their offsets.</param>
    /// <param name="weights">Packs what the row wants.</param>
    /// <param name="used">Gets what the step reads of it.</param>
    public static CpuStep Bind(Node node, Choice choice, IReadOnlyDictionary<Value, Storage> storages, WeightStore weights, HashSet<PackedWeights> used)
    {
        PackedWeights? packed = choice.Pack is null ? null : weights.Get(node, choice.Pack);
        if (packed is not null)
            used.Add(packed);
        var inputs = new CpuSlot[node.Inputs.Count];
        for (int i = 0; i < inputs.Length; i++)
        {
            if (node.Inputs[i] is not { } value || choice.Pack?.Operands.Contains(i) == true)
                continue;
            if (value.IsConstant)
            {
                PackedWeights raw = weights.Get(node, new RawFormat(i));
                used.Add(raw);
                inputs[i] = CpuSlot.Of(value, raw);
            }
            else
                inputs[i] = CpuSlot.InArena(value, storages[value]);
        }
        CpuSlot[] outputs = [.. node.Outputs.Select(v => CpuSlot.InArena(v, storages[v]))];
        return new CpuStep((ICpuKernel)choice.Bind(packed), inputs, outputs, packed, choice.Fit.Predicted >= SharedFromNanoseconds);
    }

    /// <summary>The scratch memory of each worker, for all of several steps.</summary>
    public static long ScratchBytes(IEnumerable<CpuStep> steps) => steps.Select(step => StepWork.AlignUp(step.Kernel.ScratchBytes)).DefaultIfEmpty(0).Max();

    /// <summary>The step on the operands of one run.</summary>
    /// <param name="arena">Of the run.</param>
    /// <param name="scratchBytes">The scratch memory of each worker.</param>
    public StepWork In(AlignedMemory arena, long scratchBytes) => new(Kernel, CpuSlot.In(Inputs, arena), CpuSlot.In(Outputs, arena), Shared, scratchBytes);
}

/// <summary>An operand before there is an arena.</summary>
internal readonly record struct CpuSlot(ElementType Type, TensorView View, long StorageOffset, long StorageBytes, PackedWeights? Constant)
{
    public static CpuSlot InArena(Value value, Storage storage) => new(value.Type, value.View!, storage.Offset, storage.Bytes, null);

    public static CpuSlot Of(Value value, PackedWeights raw) => new(value.Type, TensorView.Dense(value.KnownShape), 0, raw.Bytes, raw);

    public static Operand[] In(CpuSlot[] slots, AlignedMemory arena) => Array.ConvertAll(slots, slot => slot.In(arena));

    private Operand In(AlignedMemory arena)
    {
        if (Type == ElementType.None)
            return default;
        (Memory<byte> memory, nint address) = Constant is null ? (arena.Memory, arena.Address) : (Constant.Memory, Constant.Address);
        memory = memory.Slice((int)StorageOffset, (int)StorageBytes);
        return new Operand(Type, View, memory, address + (nint)(StorageOffset + View.Offset * Type.Size()));
    }
}
