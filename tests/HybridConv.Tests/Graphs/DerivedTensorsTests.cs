using HybridConv.Graphs;
using Xunit;

namespace HybridConv.Tests.Graphs;

public class DerivedTensorsTests
{
    [Fact]
    public void Transposing_reorders_elements_of_every_size()
    {
        Check<byte>(x => (byte)x);
        Check<short>(x => (short)x);
        Check<float>(x => x);
        Check<long>(x => x);

        static void Check<T>(Func<int, T> element) where T : unmanaged
        {
            Tensor tensor = Tensor.From(Enumerable.Range(0, 6).Select(element).ToArray(), new Shape(1, 2, 3), "t");
            Tensor transposed = tensor.Transposed([2, 0, 1]);
            Assert.Equal(new Shape(3, 1, 2), transposed.Shape);
            Assert.Equal(new[] { 0, 3, 1, 4, 2, 5 }.Select(element), transposed.ToArray<T>());
        }
    }

    [Fact]
    public void Origins_say_what_was_done()
    {
        Tensor tensor = Tensor.From(new float[6], new Shape(2, 3), "t");
        Assert.NotEqual(tensor.Origin, tensor.Transposed([1, 0]).Origin);
        Assert.NotEqual(tensor.Reshaped(new Shape(3, 2)).Origin, tensor.Transposed([1, 0]).Origin);
        Assert.Equal(tensor.Transposed([1, 0]).Origin, tensor.Transposed([1, 0]).Origin);
        Assert.Same(tensor, tensor.Reshaped(new Shape(2, 3)));
    }
}
