using HybridConv.Cpu;
using HybridConv.Graphs;
using HybridConv.Ops;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Gather;

public class GatherTests
{
    [Fact]
    public void TakesSlicesByDataOrConstantIndices()
    {
        float[] x = [0, 1, 2, 3, 4, 5];
        OpFixture rows = Read("Gather", 13).Input(x, 3, 2).Input([2L, -3, 1, 2], 2, 2);
        Assert.Equal(new Shape(2, 2, 2), rows.OutputShape);
        Assert.Equal([4f, 5, 0, 1, 2, 3, 4, 5], rows.Reference<float>().Get<float>());
        OpFixture column = Read("Gather", 13, Attribute("axis", -1L)).Input([7L, 8, 9, 10], 2, 2).Constant([1], []);
        Assert.Equal([8L, 10], column.Reference<double>().Get<long>());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(3000)]
    public void RowsHaveTheReferencesBits(int inner)
    {
        Read("Gather", 13, Attribute("axis", 1L)).Input(OpFixture.Random(2 * 5 * inner), 2, 5, inner).Input([4, -5, 1, 1, 0, -1, 2]).RowsMustEqualReference();
        Read("Gather", 13).Input(new byte[3 * inner], 3, inner).Input([2L], 1, 1).RowsMustEqualReference();
        Read("Gather", 13).Input(OpFixture.Random(inner), inner, 1).Input(new long[0]).RowsMustEqualReference();
    }

    [Fact]
    public void RowsCheckIndices()
    {
        var machine = new CpuInfo(CpuInfo.Widest, 1);
        OpFixture node = Read("Gather", 13).Input(new float[3]).Input([0L, 3]);
        Assert.Throws<ShapeException>(() => node.Run(node.Rows(machine)[0].Name, machine));
    }

    [Fact]
    public void IndicesOutsideAreErrors()
    {
        Assert.Throws<ShapeException>(() => Read("Gather", 13).Input(new float[3]).Constant([3L]).Node);
        Assert.Throws<ShapeException>(() => Read("Gather", 13).Input(new float[3]).Constant([-4L]).Node);
        Assert.Throws<ShapeException>(() => Read("Gather", 13).Input(new float[3]).Input([long.MinValue]).Reference<float>());
        Assert.Throws<ShapeException>(() => Read("Gather", 13).Input(new float[3]).Input([1L << 32]).Reference<float>());
        Assert.Throws<UnsupportedOperatorException>(() => Read("Gather", 13).Input(new float[3]).Input([1f]).Node);
    }
}
