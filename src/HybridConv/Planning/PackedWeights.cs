using HybridConv.Cpu;
using HybridConv.Graphs;

namespace HybridConv.Planning;

/// <summary>
/// How a row wants its constant operands laid out. Formats compare by value, and packed data is shared by everything in a model that asks for the
/// same operands in an equal format: so a format may depend on the weights' own shape, never on the spatial shape of what they are applied to.
/// </summary>
internal abstract record PackFormat
{
    /// <summary>Which of the node's inputs are packed; they must be constants. The kernel sees them only through its packed weights. None at all for tables of the row's own.</summary>
    public abstract IReadOnlyList<int> Operands { get; }

    /// <summary>The data of those inputs.</summary>
    public Tensor?[] OperandsOf(Node node) => [.. Operands.Select(input => node.OptionalInput(input)?.Constant)];

    /// <summary>The size of the packed data. <paramref name="operands"/> holds null for an absent optional operand.</summary>
    public abstract long Bytes(IReadOnlyList<Tensor?> operands);

    /// <summary>Writes all of <paramref name="destination"/>.</summary>
    public abstract void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination);

    /// <summary>Packs into memory of its own.</summary>
    public PackedWeights Pack(IReadOnlyList<Tensor?> operands)
    {
        var memory = new AlignedMemory(Bytes(operands));
        Pack(operands, memory.Memory.Span);
        return new PackedWeights(memory);
    }
}

/// <summary>Packed data in memory that does not move. Lives as long as a model's store or some plan holds it.</summary>
internal sealed class PackedWeights(AlignedMemory memory)
{
    public nint Address => memory.Address;
    public long Bytes => memory.Bytes;
    public Memory<byte> Memory => memory.Memory;
}
