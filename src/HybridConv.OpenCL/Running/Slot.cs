using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.OpenCL.Running;

/// <summary>Where an operand lies before there is an arena.</summary>
/// <param name="Type">None for an operand that is absent, or that its row has packed.</param>
/// <param name="View">Within the storage, or dense for a constant.</param>
/// <param name="Offset">Of the storage in the arena, in bytes.</param>
/// <param name="Bytes">Of the storage.</param>
/// <param name="Constant">The data of a constant; null for a value in the arena.</param>
internal sealed record Slot(ElementType Type, TensorView View, long Offset, long Bytes, PackedWeights? Constant)
{
    public static readonly Slot Absent = new(ElementType.None, TensorView.Dense(new Shape(0)), 0, 0, null);

    public static Slot InArena(Value value, Storage storage) => new(value.Type, value.View!, storage.Offset, storage.Bytes, null);

    public static Slot Of(Value value, PackedWeights raw) => new(value.Type, TensorView.Dense(value.KnownShape), 0, raw.Bytes, raw);

    public bool Exists => Type != ElementType.None;
}

/// <summary>A bound row with its operands: on the device or, for integers, on the host.</summary>
/// <param name="Name">The node's and the kernel's, for errors.</param>
/// <param name="Kernel">What the row bound to.</param>
/// <param name="Inputs">In the node's order.</param>
/// <param name="Outputs">Likewise.</param>
/// <param name="Packed">The row's packed weights; null without.</param>
internal sealed record BoundStep(string Name, IKernel Kernel, Slot[] Inputs, Slot[] Outputs, PackedWeights? Packed);
