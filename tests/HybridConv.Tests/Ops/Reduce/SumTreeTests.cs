using HybridConv.Ops.Reduce;
using Xunit;

namespace HybridConv.Tests.Ops.Reduce;

public class SumTreeTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(17)]
    [InlineData(1024)]
    [InlineData(5000)]
    public void SumsWholeNumbersExactly(int count)
    {
        var tree = new SumTree<float>();
        for (int i = 1; i <= count; i++)
            tree.Add(i % 7);
        Assert.Equal(Enumerable.Range(1, count).Sum(i => i % 7), tree.Sum());
    }

    /// <summary>The order is a promise: these elements sum to different floats in other orders.</summary>
    [Fact]
    public void AddsInTheDocumentedOrder()
    {
        var tree = new SumTree<float>();
        tree.Add(1);
        for (int i = 1; i < 32; i++)
            tree.Add(i == 16 ? 1e8f : i == 8 ? -1e8f : 0);
        Assert.Equal(0, tree.Sum());
    }
}
