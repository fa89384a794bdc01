namespace HybridConv.Planning;

/// <summary>
/// Gives each storage an offset in one block, so that storages that live at the same time do not overlap. Largest first, each at the lowest offset that is
/// free during its whole life (the "greedy by size" strategy of Pisarchyk and Lee, Efficient Memory Management for Deep Neural Net Inference, 2020).
/// </summary>
internal static class ArenaLayout
{
    /// <summary>Sets every offset and returns the size of the block.</summary>
    public static long Assign(IEnumerable<Storage> storages, int alignment)
    {
        var placed = new List<Storage>();
        long total = 0;
        foreach (Storage storage in storages.Distinct().OrderByDescending(s => s.Bytes).ThenBy(s => s.First))
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

    private static bool Overlap(Storage a, Storage b) => a.Pinned || b.Pinned || (a.First <= b.Last && b.First <= a.Last);

    private static long Align(long offset, int alignment) => (offset + alignment - 1) / alignment * alignment;
}
