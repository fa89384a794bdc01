using System.Numerics;
using System.Runtime.CompilerServices;

namespace HybridConv.Ops.Reduce;

/// <summary>
/// The one order in which sums over space or along a contiguous axis are taken, on every instruction set and device:
/// element i goes to lane i mod 16; each lane adds 64 elements from +0 into a block, and the blocks in turn from +0;
/// at the end lanes are folded: lane l takes l + 8, then l + 4, l + 2, l + 1.
/// <code>
/// elements 0..1023: block lane 0 = x0 + x16 + ... + x1008    lane 1 = x1 + x17 + ...    ...
/// then lane l = block0[l] + block1[l] + ...;   sum = fold(lane)
/// </code>
/// </summary>
internal struct SumTree<T> where T : unmanaged, INumberBase<T>
{
    public const int Lanes = 16, Rows = 64;

    private LaneArray block, total;
    private int count;

    public void Add(T value)
    {
        block[count % Lanes] += value;
        if (++count == Lanes * Rows)
            CloseBlock();
    }

    /// <summary>The sum of all elements added so far; nothing may be added after it.</summary>
    public T Sum()
    {
        CloseBlock();
        for (int half = Lanes / 2; half > 0; half /= 2)
            for (int lane = 0; lane < half; lane++)
                total[lane] += total[lane + half];
        return total[0];
    }

    private void CloseBlock()
    {
        for (int lane = 0; lane < Lanes; lane++)
        {
            total[lane] += block[lane];
            block[lane] = T.Zero;
        }
        count = 0;
    }

    [InlineArray(Lanes)]
    private struct LaneArray
    {
        private T first;
    }
}
