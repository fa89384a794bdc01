using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.Pool;
using HybridConv.Ops.Reshape;
using Xunit;

namespace HybridConv.Tests.Ops;

public class AttributeComparerTests
{
    private sealed record Holder(Tensor? Data);

    [Fact]
    public void Arrays_compare_by_element()
    {
        AreEqual(new ReshapeAttributes([1, -1]), new ReshapeAttributes([1, -1]));
        Differ(new ReshapeAttributes([1, -1]), new ReshapeAttributes([-1, 1]));
        Differ(new ReshapeAttributes([1, -1]), new ReshapeAttributes(null));
        Differ(new ReshapeAttributes([1, -1]), new ReshapeAttributes([1, -1], AllowZero: true));
    }

    [Fact]
    public void Everything_else_compares_as_it_does()
    {
        AreEqual(new GlobalPoolAttributes(true), new GlobalPoolAttributes(true));
        AreEqual(new UnaryAttributes<LeakyRelu>(new LeakyRelu(0.5f)), new UnaryAttributes<LeakyRelu>(new LeakyRelu(0.5f)));
        Differ(new UnaryAttributes<LeakyRelu>(new LeakyRelu(0.5f)), new UnaryAttributes<LeakyRelu>(new LeakyRelu(0.25f)));
    }

    [Fact]
    public void Tensors_compare_by_origin()
    {
        Tensor Of(string origin) => Tensor.From(new float[2], new Shape(2), origin);
        AreEqual(new Holder(Of("a")), new Holder(Of("a")));
        Differ(new Holder(Of("a")), new Holder(Of("b")));
        Differ(new Holder(Of("a")), new Holder(null));
    }

    private static void AreEqual<T>(T a, T b) where T : class
    {
        Assert.True(AttributeComparer<T>.Instance.Equals(a, b));
        Assert.Equal(AttributeComparer<T>.Instance.GetHashCode(a), AttributeComparer<T>.Instance.GetHashCode(b));
    }

    private static void Differ<T>(T a, T b) where T : class => Assert.False(AttributeComparer<T>.Instance.Equals(a, b));
}
