using HybridConv.Ops;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Cast;

public class CastTests
{
    private static OpFixture To(ElementType type) => Read("Cast", 13, Attribute("to", (long)type));

    [Fact]
    public void FloatsBecomeIntegersTruncatedAndSaturated()
    {
        float[] x = [1.9f, -1.9f, 300, -300, float.NaN, float.PositiveInfinity, float.NegativeInfinity];
        Assert.Equal([1, -1, 300, -300, 0, int.MaxValue, int.MinValue], To(ElementType.Int32).Input(x).Reference<float>().Get<int>());
        Assert.Equal([1L, -1, 300, -300, 0, long.MaxValue, long.MinValue], To(ElementType.Int64).Input(x).Reference<double>().Get<long>());
        Assert.Equal([1, 0, 255, 0, 0, 255, 0], To(ElementType.UInt8).Input(x).Reference<float>().Get<byte>());
    }

    [Fact]
    public void IntegersKeepTheirLowBits() =>
        Assert.Equal([0, 44, 255], To(ElementType.UInt8).Input([256, 300, -1]).Reference<float>().Get<byte>());

    [Fact]
    public void AnythingButZeroIsTrue() =>
        Assert.Equal([false, false, true, true, true], To(ElementType.Bool).Input([0f, -0f, 0.1f, -2, float.NaN]).Reference<float>().Get<bool>());

    [Fact]
    public void TruthIsOne() => Assert.Equal([1f, 0], To(ElementType.Float32).Input([true, false]).Reference<float>().Get<float>());

    [Fact]
    public void HalvesRoundToNearestEven()
    {
        Assert.Equal([(Half)1, (Half)1, Half.PositiveInfinity], To(ElementType.Float16).Input([1f, 1 + (1 / 2048f), 70000]).Reference<float>().Get<Half>());
        Assert.Equal([0.5f], To(ElementType.Float32).Input([(Half)0.5]).Reference<float>().Get<float>());
    }

    [Fact]
    public void TheTypeMayBeThatOfAnotherValue()
    {
        OpFixture like = Read("CastLike", 19).Input([1.5f, -2]).Input([7L]);
        Assert.Single(like.Node.Inputs);
        Assert.Equal([1L, -2], like.Reference<float>().Get<long>());
        like.RowsMustEqualReference();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(15)]
    [InlineData(4097)]
    [InlineData(100_000)]
    public void RowsHaveTheReferencesBits(int count)
    {
        byte[] bytes = [.. Enumerable.Range(0, count).Select(i => (byte)(i * 7))];
        long[] numbers = [.. bytes.Select(b => ((long)b << 33) - b)];
        To(ElementType.Float32).Input(bytes).RowsMustEqualReference();
        To(ElementType.Int64).Input(bytes).RowsMustEqualReference();
        To(ElementType.Float32).Input(numbers).RowsMustEqualReference();
        To(ElementType.Bool).Input(OpFixture.Random(count)).RowsMustEqualReference();
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(8L)]
    [InlineData(16L)]
    [InlineData(1L << 40)]
    public void TypesThatAreNotHeldAreRefused(long type) =>
        Assert.Throws<UnsupportedOperatorException>(() => Read("Cast", 13, Attribute("to", type)).Input([1f]).Node);
}
