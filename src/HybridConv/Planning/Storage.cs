using HybridConv.Graphs;

namespace HybridConv.Planning;

/// <summary>A block of memory that one value, or several that are windows on it or reuse it in place, lie in.</summary>
internal sealed class Storage(long bytes, bool pinned)
{
    public long Bytes { get; } = bytes;

    /// <summary>Never reused for anything else: inputs and outputs, which the caller may touch between runs.</summary>
    public bool Pinned { get; } = pinned;

    /// <summary>The first step that writes it; -1 for inputs.</summary>
    public int First { get; set; } = int.MaxValue;

    /// <summary>The last step that reads or writes it.</summary>
    public int Last { get; set; } = -1;

    /// <summary>The offset in the arena, in bytes; set by <see cref="ArenaLayout"/>.</summary>
    public long Offset { get; set; } = -1;

    /// <summary>The values that lie in it.</summary>
    public List<Value> Values { get; } = [];

    public void UseAt(int step)
    {
        First = Math.Min(First, step);
        Last = Math.Max(Last, step);
    }
}
