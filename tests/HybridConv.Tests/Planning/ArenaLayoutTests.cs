using CsCheck;
using HybridConv.Planning;
using Xunit;

namespace HybridConv.Tests.Planning;

public class ArenaLayoutTests
{
    private static readonly Gen<Storage> GenStorage =
        from bytes in Gen.Long[0, 5000]
        from first in Gen.Int[0, 40]
        from life in Gen.Int[0, 15]
        from pinned in Gen.Bool
        select new Storage(bytes, pinned) { First = first, Last = first + life };

    [Fact]
    public void StoragesThatLiveTogetherDoNotOverlap() => GenStorage.Array[0, 60].Sample(CheckLayout);

    [Fact]
    public void NeitherDoTheyInVeryLongNetworks()
    {
        var random = new Random(7);
        CheckLayout([.. Enumerable.Range(0, 5000).Select(i => new Storage(random.Next(1, 5) * 64, i % 500 == 0) { First = i, Last = i + random.Next(20) })]);
    }

    private static void CheckLayout(Storage[] storages)
    {
        long total = ArenaLayout.Assign(storages, 64);
        foreach (Storage a in storages)
        {
            Assert.Equal(0, a.Offset % 64);
            Assert.True(a.Offset >= 0 && a.Offset + a.Bytes <= total);
            foreach (Storage b in storages)
            {
                bool together = a.Pinned || b.Pinned || (a.First <= b.Last && b.First <= a.Last);
                if (!ReferenceEquals(a, b) && together && a.Bytes > 0 && b.Bytes > 0)
                    Assert.True(a.Offset + a.Bytes <= b.Offset || b.Offset + b.Bytes <= a.Offset);
            }
        }
    }

    [Fact]
    public void AChainNeedsTwoBuffersOnly()
    {
        Storage[] chain = [.. Enumerable.Range(0, 100).Select(i => new Storage(640, false) { First = i, Last = i + 1 })];
        Assert.Equal(1280, ArenaLayout.Assign(chain, 64));
    }
}
