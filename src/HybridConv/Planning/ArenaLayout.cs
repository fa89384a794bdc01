namespace HybridConv.Planning;

/// <summary>Gives each storage an offset in one block, so that storages that live at the same time do not overlap.</summary>
internal static class ArenaLayout
{
    /// <summary>Up to this many storages, each is compared with every other one.</summary>
    private const int PairwiseLimit = 4096;

    /// <summary>Sets every offset and returns the size of the block.</summary>
    public static long Assign(IEnumerable<Storage> storages, int alignment)
    {
        List<Storage> distinct = [.. storages.Distinct()];
        return distinct.Count <= PairwiseLimit ? LargestFirst(distinct, alignment) : InOrder(distinct, alignment);
    }

    /// <summary>
    /// Largest first, each at the lowest offset that is free during its whole life: "greedy by size" of Pisarchyk and Lee, Efficient Memory Management
    /// for Deep Neural Net Inference, 2020.
    /// </summary>
    private static long LargestFirst(List<Storage> storages, int alignment)
    {
        var placed = new List<Storage>();
        long total = 0;
        foreach (Storage storage in storages.OrderByDescending(s => s.Bytes).ThenBy(s => s.First))
        {
            long offset = 0;
            foreach (Storage other in placed)
            {
                if (!Overlap(storage, other))
                    continue;
                if (other.Offset - offset >= storage.Bytes)
                    break;
                offset = Math.Max(offset, Align(other.Offset + other.Bytes, alignment));
            }
            storage.Offset = offset;
            int index = placed.FindIndex(p => p.Offset > offset);
            placed.Insert(index < 0 ? placed.Count : index, storage);
            total = Math.Max(total, Align(offset + storage.Bytes, alignment));
        }
        return total;
    }

    /// <summary>For very long networks, in n log n: in the order in which storages come to life, each in a freed block of exactly its size, else at the end.</summary>
    private static long InOrder(List<Storage> storages, int alignment)
    {
        var dying = new PriorityQueue<Storage, int>();
        var free = new Dictionary<long, Stack<long>>();
        long total = 0;
        foreach (Storage storage in storages.OrderBy(s => s.Pinned ? int.MinValue : s.First))
        {
            while (dying.TryPeek(out Storage? dead, out int last) && last < storage.First && !storage.Pinned)
            {
                dying.Dequeue();
                long size = Align(dead.Bytes, alignment);
                if (!free.TryGetValue(size, out Stack<long>? offsets))
                    free[size] = offsets = new Stack<long>();
                offsets.Push(dead.Offset);
            }
            long bytes = Align(storage.Bytes, alignment);
            if (!storage.Pinned && free.TryGetValue(bytes, out Stack<long>? fitting) && fitting.TryPop(out long offset))
                storage.Offset = offset;
            else
            {
                storage.Offset = total;
                total += bytes;
            }
            if (!storage.Pinned)
                dying.Enqueue(storage, storage.Last);
        }
        return total;
    }

    private static bool Overlap(Storage a, Storage b) => a.Pinned || b.Pinned || (a.First <= b.Last && b.First <= a.Last);

    private static long Align(long offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}
