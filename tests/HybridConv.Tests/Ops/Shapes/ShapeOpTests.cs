using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Shapes;

public class ShapeOpTests
{
    [Theory]
    [InlineData(0, null, new long[] { 2, 3, 4 })]
    [InlineData(1, null, new long[] { 3, 4 })]
    [InlineData(-1, null, new long[] { 4 })]
    [InlineData(1, -1L, new long[] { 3 })]
    [InlineData(-9, 9L, new long[] { 2, 3, 4 })]
    [InlineData(2, 1L, new long[] { })]
    public void NamesARangeOfAxes(long start, long? end, long[] expected)
    {
        OpFixture shape = end is { } last
            ? Read("Shape", 15, Attribute("start", start), Attribute("end", last))
            : Read("Shape", 15, Attribute("start", start));
        shape.Input(new float[24], 2, 3, 4);
        Assert.Equal(expected, shape.Node.Output.Constant!.ToInt64());
        Assert.Equal(expected, shape.Reference<float>().Get<long>());
    }

    [Fact]
    public void SizeCountsElements()
    {
        OpFixture size = Read("Size", 13).Input(new float[24], 2, 3, 4);
        Assert.Equal([24L], size.Node.Output.Constant!.ToInt64());
        Assert.Equal(0, size.OutputShape.Rank);
        Assert.Equal([24L], size.Reference<float>().Get<long>());
    }
}
