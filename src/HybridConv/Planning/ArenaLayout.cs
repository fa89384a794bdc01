namespace HybridConv.Planning;

/// <summary>Gives each storage an offset in one block, so that storages that live at the same time do not overlap.</summary>
internal static class ArenaLayout
{
    /// <summary>Up to this many storages, each is compared with every other one.</summary>
    private const int PairwiseLimit = 4096;

    /// <summary>Sets every offset and returns the size of the block.</summary>
    /// <param name="storages">Repeated ones count once.</param>
    /// <param name="alignment">Of every offset.</param>
    /// <param name="bank">Where the block comes in pieces of this size, a multiple of the alignment: no storage lies in two of them, so none may be larger.</param>
    public static long Assign(IEnumerable<Storage> storages, int alignment, long bank = long.MaxValue)
    {
        List<Storage> distinct = [.. storages.Distinct()];
        return distinct.Count <= PairwiseLimit ? LargestFirst(distinct, alignment, bank) : InOrder(distinct, alignment, bank);
    }

    /// <summary>
    /// Largest first, each at the lowest offset that is free during its whole life: "greedy by size" of Pisarchyk and Lee, Efficient Memory Management
    /// for Deep Neural Net Inference, 2020.
    /// </summary>
    private static long LargestFirst(List<Storage> storages, int alignment, long bank)
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
                offset = InOneBank(Math.Max(offset, Align(other.Offset + other.Bytes, alignment)), storage.Bytes, bank);
            }
            storage.Offset = offset;
            int index = placed.FindIndex(p => p.Offset > offset);
            placed.Insert(index < 0 ? placed.Count : index, storage);
            total = Math.Max(total, Align(offset + storage.Bytes, alignment));
        }
        return total;
    }

    /// <summary>For very long networks, in n log n: in the order in which storages come to life, each in a freed block of exactly its size, else at the end.</summary>
    private static long InOrder(List<Storage> storages, int alignment, long bank)
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
                storage.Offset = InOneBank(total, bytes, bank);
                total = storage.Offset + bytes;
            }
            if (!storage.Pinned)
                dying.Enqueue(storage, storage.Last);
        }
        return total;
    }

    /// <summary>The offset, or the start of the next bank where the storage would reach into that.</summary>
    private static long InOneBank(long offset, long bytes, long bank) =>
        offset / bank == (offset + Math.Max(1, bytes) - 1) / bank ? offset : (offset / bank + 1) * bank;

    private static bool Overlap(Storage a, Storage b) => a.Pinned || b.Pinned || (a.First <= b.Last && b.First <= a.Last);

    private static long Align(long offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}
