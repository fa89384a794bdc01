using HybridConv.Graphs;
using HybridConv.Ops;
using Xunit;
using static HybridConv.Tests.Ops.OpFixture;

namespace HybridConv.Tests.Ops.Elementwise;

/// <summary>Operators that compare, combine truths and choose by them.</summary>
public sealed class PredicateTests
{
    [Theory]
    [InlineData("Equal", "010")]
    [InlineData("Less", "100")]
    [InlineData("LessOrEqual", "110")]
    [InlineData("Greater", "001")]
    [InlineData("GreaterOrEqual", "011")]
    public void Comparisons_of_every_type(string op, string truth)
    {
        bool[] expected = [.. truth.Select(c => c == '1')];
        Assert.Equal(expected, Of(op, [1f, 2, 3], [2f, 2, 2]));
        Assert.Equal(expected, Of(op, [-3L, long.MinValue, 5], [5L, long.MinValue, -3]));
        Assert.Equal(expected, Of(op, [1, 2, 3], [2, 2, 2]));
        Assert.Equal(expected, Of(op, [0UL, ulong.MaxValue, ulong.MaxValue], [ulong.MaxValue, ulong.MaxValue, 0UL]));
        Assert.Equal(expected, Of(op, [1.0, 2, 1 + 1e-15], [1 + 1e-15, 2, 1]));
        Assert.Equal(expected, Read(op, 19).Input([1f, 2, 3]).Input([2f, 2, 2]).Reference<double>().Get<bool>());
        Assert.Equal([false, false], Of(op, [float.NaN, 1], [float.NaN, float.NaN]));
    }

    [Fact]
    public void Truths_are_combined()
    {
        bool[] a = [false, false, true, true], b = [false, true, false, true];
        Assert.Equal([false, false, false, true], Of("And", a, b));
        Assert.Equal([false, true, true, true], Of("Or", a, b));
        Assert.Equal([false, true, true, false], Of("Xor", a, b));
        Assert.Equal([true, false, false, true], Of("Equal", a, b));
        Assert.Equal([true, false], Read("Not", 1).Input([false, true]).Reference<float>().Get<bool>());
    }

    [Fact]
    public void Operands_are_broadcast()
    {
        OpFixture less = Read("Less", 13).Input([1L, 2, 3], 3).Input([2L, 3], 2, 1);
        Assert.Equal(new Shape(2, 3), less.OutputShape);
        Assert.Equal([true, false, false, true, true, false], less.Reference<float>().Get<bool>());
        OpFixture old = Read("Equal", 6, Attribute("broadcast", 1L), Attribute("axis", 0L)).Input([1, 2, 3, 4], 2, 2).Input([1, 4], 2);
        Assert.Equal([true, false, false, true], old.Reference<float>().Get<bool>());
    }

    [Fact]
    public void Where_chooses_elements_of_every_size()
    {
        bool[] condition = [true, false, true];
        Assert.Equal([1f, -2, float.NaN], Where(condition, [1f, 2, float.NaN], [-1f, -2, -3]));
        Assert.Equal([1L, -2, 3], Where(condition, [1L, 2, 3], [-1L, -2, -3]));
        Assert.Equal(new byte[] { 1, 5, 3 }, Where(condition, new byte[] { 1, 2, 3 }, new byte[] { 4, 5, 6 }));
        Assert.Equal(new short[] { 1, -5, 3 }, Where(condition, new short[] { 1, 2, 3 }, new short[] { -4, -5, -6 }));
        Assert.Equal([true, true, false], Where(condition, [true, false, false], [false, true, false]));
        Assert.Equal([1.0, -2, 3], Read("Where", 16).Input(condition).Input([1f, 2, 3]).Input([-1f, -2, -3]).Reference<double>().Get<double>());
    }

    [Fact]
    public void Where_broadcasts_all_three()
    {
        OpFixture where = Read("Where", 9).Input([true, false], 2, 1).Input([1f, 2, 3], 3).Input([9f], 1, 1, 1);
        Assert.Equal(new Shape(1, 2, 3), where.OutputShape);
        Assert.Equal([1f, 2, 3, 9, 9, 9], where.Reference<float>().Get<float>());
    }

    [Fact]
    public void Remainders()
    {
        Assert.Equal([2L, -1, 1, -2, 0, 0], Mod(0, [-4L, 5, 4, -5, 3, long.MinValue], [3L, -3, 3, -3, 0, -1]));
        Assert.Equal([-1L, 2, 1, -2, 0, 0], Mod(1, [-4L, 5, 4, -5, 3, long.MinValue], [3L, -3, 3, -3, 0, -1]));
        Assert.Equal(new byte[] { 1, 0 }, Mod(0, new byte[] { 255, 7 }, new byte[] { 2, 0 }));
        Assert.Equal([-1f, 0.5f, float.NaN], Mod(1, [-4f, 5.5f, 1], [3f, 1, 0]));
        Assert.Throws<UnsupportedOperatorException>(() => Mod(0, [1f], [1f]));
    }

    /// <summary>Its quotient is one more than the type holds.</summary>
    [Theory]
    [InlineData(0), InlineData(1)]
    public void The_remainder_of_the_smallest_number_by_minus_one_is_0(long fmod)
    {
        Assert.Equal([0, 0], Mod(fmod, [int.MinValue, int.MaxValue], [-1, -1]));
        Assert.Equal(new short[] { 0, 0 }, Mod(fmod, new short[] { short.MinValue, short.MaxValue }, new short[] { -1, -1 }));
        Assert.Equal(new sbyte[] { 0, 0 }, Mod(fmod, new sbyte[] { sbyte.MinValue, sbyte.MaxValue }, new sbyte[] { -1, -1 }));
    }

    [Fact]
    public void Nothing_gives_nothing()
    {
        Assert.Empty(Where<float>([], [], []));
        Assert.Empty(Mod<long>(0, [], []));
        OpFixture where = Read("Where", 16).Input([true]).Input(new float[0], 3, 0).Input([1f]);
        Assert.Equal(new Shape(3, 0), where.OutputShape);
        Assert.Empty(where.Reference<float>().Get<float>());
        OpFixture mod = Read("Mod", 13).Input(new int[0], 0, 2).Input([3, 0]);
        Assert.Equal(new Shape(0, 2), mod.OutputShape);
        Assert.Empty(mod.Reference<float>().Get<int>());
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        Assert.Throws<UnsupportedOperatorException>(() => Of("Less", [true], [true]));
        Assert.Throws<UnsupportedOperatorException>(() => Of("And", [1L], [1L]));
        Assert.Throws<UnsupportedOperatorException>(() => Read("Not", 1).Input([1L]).Node);
        Assert.Throws<ShapeException>(() => Of("Or", [true, false], [true, true, true]));
        Assert.Throws<ShapeException>(() => Read("Equal", 13).Input([1L]).Input([1]).Node);
        Assert.Throws<ShapeException>(() => Read("Where", 9).Input([1L]).Input([1f]).Input([1f]).Node);
        Assert.Throws<ShapeException>(() => Read("Where", 9).Input([true]).Input([1f]).Input([1L]).Node);
    }

    private static bool[] Of<T>(string op, T[] a, T[] b) where T : unmanaged => Read(op, 19).Input(a).Input(b).Reference<float>().Get<bool>();

    private static T[] Mod<T>(long fmod, T[] a, T[] b) where T : unmanaged =>
        Read("Mod", 13, Attribute("fmod", fmod)).Input(a).Input(b).Reference<float>().Get<T>();

    private static T[] Where<T>(bool[] condition, T[] a, T[] b) where T : unmanaged =>
        Read("Where", 16).Input(condition).Input(a).Input(b).Reference<float>().Get<T>();
}
