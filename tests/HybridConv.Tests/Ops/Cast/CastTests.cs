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

    /// <summary>Between float32 and every other type, also where numbers do not fit, are denormal, or lie halfway between two others.</summary>
    [Fact]
    public void RowsKeepTheReferencesBitsAtTheEdgesOfEveryType()
    {
        float[] x = [.. Enumerable.Range(0, 5000).Select(i => BitConverter.Int32BitsToSingle(i * 858_993 + 1)), 0.5f, 1.5f, -0.5f, 127.5f, -128.5f, 255.99f, 65535, 65519.99f, 65520, 6e-8f, 3e-8f, 2.98e-8f,
            int.MaxValue, long.MaxValue, ulong.MaxValue, 0, -0f, float.Epsilon, float.NaN, float.PositiveInfinity, float.NegativeInfinity];
        foreach (ElementType type in (ElementType[])[ElementType.Bool, ElementType.Int8, ElementType.UInt8, ElementType.Int16, ElementType.UInt16, ElementType.Int32, ElementType.UInt32,
            ElementType.Int64, ElementType.UInt64, ElementType.Float16, ElementType.Float64])
            To(type).Input(x).RowsMustEqualReference();

        long[] numbers = [.. x.Select(f => (long)BitConverter.SingleToInt32Bits(f) << 29 | 0x15555555), .. Enumerable.Range(0, 64).SelectMany(i => (long[])[1L << i, (1L << i) - 1, ~(1L << i), (1L << i) + (1L << i / 2)])];
        To(ElementType.Float32).Input(numbers).RowsMustEqualReference();
        To(ElementType.Float32).Input(Array.ConvertAll(numbers, n => (ulong)n)).RowsMustEqualReference();
        To(ElementType.Float32).Input(Array.ConvertAll(numbers, n => (int)n)).RowsMustEqualReference();
        To(ElementType.Float32).Input(Array.ConvertAll(numbers, n => (uint)n)).RowsMustEqualReference();
        To(ElementType.Float32).Input(Array.ConvertAll(numbers, n => (short)n)).RowsMustEqualReference();
        To(ElementType.Float32).Input(Array.ConvertAll(numbers, n => (ushort)n)).RowsMustEqualReference();
        To(ElementType.Float32).Input(Array.ConvertAll(numbers, n => (sbyte)n)).RowsMustEqualReference();
        To(ElementType.Float32).Input([.. Enumerable.Range(0, 0x7C01).Select(i => BitConverter.UInt16BitsToHalf((ushort)i)), Half.NegativeInfinity, (Half)(-1.5f)]).RowsMustEqualReference();
        double[] wide = [.. Array.ConvertAll(numbers, BitConverter.Int64BitsToDouble).Where(d => !double.IsNaN(d)), .. x.SelectMany(Around), double.MaxValue, double.Epsilon, 1e-46, 7.1e-46, double.NaN];
        To(ElementType.Float32).Input(wide).RowsMustEqualReference();
    }

    /// <summary>A float as a double, and what lies halfway to the next one and just beside that.</summary>
    private static double[] Around(float x)
    {
        double half = (x + (double)MathF.BitIncrement(x)) / 2;
        return double.IsFinite(half) ? [x, half, Math.BitIncrement(half), Math.BitDecrement(half)] : [];
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(8L)]
    [InlineData(16L)]
    [InlineData(1L << 40)]
    public void TypesThatAreNotHeldAreRefused(long type) =>
        Assert.Throws<UnsupportedOperatorException>(() => Read("Cast", 13, Attribute("to", type)).Input([1f]).Node);
}
