using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Ops;
using Xunit;

namespace HybridConv.Tests.Cpu.Simd;

public sealed unsafe class ActivationFunctionsTests
{
    public static TheoryData<string, float, float> Activations => new(
        from kind in Enum.GetNames<ActivationKind>()
        select (kind, kind == nameof(ActivationKind.Clamp) ? -1f : 0.2f, kind == nameof(ActivationKind.Clamp) ? 6f : 0.5f));

    /// <summary>Every length up to two of the widest vectors: the run in place gives the scalar function's bits, and nothing beside it is touched.</summary>
    [Theory]
    [MemberData(nameof(Activations))]
    public void RunsAreThoseOfTheScalarFunction(string kind, float a, float b)
    {
        var activation = new Activation(Enum.Parse<ActivationKind>(kind), a, b);
        float[] x = [0f, -0f, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.Epsilon, -float.Epsilon, -3f, 3f, -100f, 100f, .. Enumerable.Range(-12, 25).Select(i => i * 0.37f)];
        float[] expected = Array.ConvertAll(x, v => ActivationFunctions.Apply(activation, v));
        foreach (Isa isa in SimdMathTests.Widths)
            for (int n = 0; n <= 33; n++)
            {
                var y = (float[])x.Clone();
                IsaDispatch.Run<Code, bool>(isa, new Code(activation, y, n));
                Assert.Equal(expected[..n], y[..n]);
                Assert.Equal(x[n..], y[n..]);
            }
    }

    [Theory]
    [MemberData(nameof(Activations))]
    public void FloatsFollowDoubles(string kind, float a, float b)
    {
        var activation = new Activation(Enum.Parse<ActivationKind>(kind), a, b);
        for (float x = -12; x <= 12; x += 0.03125f)
            Assert.Equal(ActivationFunctions.Apply(activation, (double)x), ActivationFunctions.Apply(activation, x), 2e-6);
    }

    private readonly struct Code(Activation activation, float[] x, int n) : IVectorCode<bool>
    {
        public bool With<S, V>() where S : struct, ISimd<V> where V : struct
        {
            fixed (float* p = x)
                ActivationFunctions.Apply<S, V>(activation, p, n);
            return true;
        }
    }
}
