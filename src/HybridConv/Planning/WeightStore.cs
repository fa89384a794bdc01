using System.Collections.Concurrent;
using HybridConv.Graphs;

namespace HybridConv.Planning;

/// <summary>
/// The packed weights of one model, shared by all its sessions and plans. Keyed by where the data came from and the format, never by a spatial shape.
/// </summary>
internal sealed class WeightStore
{
    private readonly ConcurrentDictionary<Key, Lazy<PackedWeights>> packed = new();

    /// <summary>Bytes of all packed weights.</summary>
    public long Bytes => packed.Values.Where(p => p.IsValueCreated).Sum(p => p.Value.Bytes);

    /// <summary>The number of distinct packings made so far.</summary>
    public int Count => packed.Count;

    /// <summary>The operands of a node in a format; packs them when nobody has asked before.</summary>
    public PackedWeights Get(Node node, PackFormat format)
    {
        Tensor?[] operands = format.OperandsOf(node);
        var key = new Key(Tensor.Origins(operands), format);
        Lazy<PackedWeights> entry = packed.GetOrAdd(key, _ => new Lazy<PackedWeights>(() => format.Pack(operands)));
        try
        {
            return entry.Value;
        }
        catch
        {
            // The next who asks may find memory where there was none.
            packed.TryRemove(KeyValuePair.Create(key, entry));
            throw;
        }
    }

    private readonly record struct Key(string Origins, PackFormat Format);
}

/// <summary>An operand as it is: what rows read that want no packing.</summary>
internal sealed record RawFormat(int Operand) : PackFormat
{
    public override IReadOnlyList<int> Operands => [Operand];

    public override long Bytes(IReadOnlyList<Tensor?> operands) => operands[0]!.Bytes;

    public override void Pack(IReadOnlyList<Tensor?> operands, Span<byte> destination)
    {
        using LentBytes lent = operands[0]!.Lend();
        lent.Bytes.CopyTo(destination);
    }

    /// <summary>The data is the same wherever the operand stands.</summary>
    public bool Equals(RawFormat? other) => other is not null;

    public override int GetHashCode() => 1;
}
