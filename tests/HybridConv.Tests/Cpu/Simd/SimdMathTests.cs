using HybridConv.Cpu;
using HybridConv.Cpu.Simd;
using HybridConv.Ops.Elementwise;
using Xunit;

namespace HybridConv.Tests.Cpu.Simd;

/// <summary>The functions against double precision over the whole range, at their special values, and on every vector width.</summary>
public sealed unsafe class SimdMathTests
{
    private static readonly float[] Special =
    [
        0f, -0f, 1f, -1f, float.Epsilon, -float.Epsilon, 1.17549421e-38f, 1.17549435e-38f, float.MaxValue, float.MinValue, float.PositiveInfinity,
        float.NegativeInfinity, float.NaN, 0.5f, 2f, -2f, 3f, -3f, 88.72283f, 88.72284f, -87.33655f, -103.97f, -103.98f, -150f, 0.92f, 0.919999957f, 9.25f, 4f,
    ];

    [Fact]
    public void ExpIsWithinOneUlp() => Check(default(Exp), 1.0);

    [Fact]
    public void TanhIsWithinTwoAndAHalfUlp() => Check(default(Tanh), 2.5);

    [Fact]
    public void SigmoidIsWithinTwoAndAHalfUlp() => Check(default(Sigmoid), 2.5);

    [Fact]
    public void ErfIsWithinOneAndAHalfUlp() => Check(default(Erf), 1.5);

    [Fact]
    public void EluIsWithinTwoUlp() => Check(new Elu(1f), 2.0);

    [Fact]
    public void LogIsWithinThreeQuartersOfAnUlp() => Check(default(Log), 0.75);

    [Fact]
    public void SoftplusIsWithinThreeUlp() => Check(default(Softplus), 3.0);

    [Fact]
    public void SwishIsWithinThreeAndAHalfUlpWhereExpIsNotDenormal() => Check(new Swish(1f), 3.5, least: -87);

    [Fact]
    public void MishIsWithinFourUlpWhereExpIsNotDenormal() => Check(default(Mish), 4.0, least: -87);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void GeluIsWithinTwoUlpOfItsOperand(bool approximate)
    {
        var gelu = new Gelu(approximate);
        float[] x = [.. Sample().Where(float.IsFinite), .. Dense()], y = Map(gelu, x, CpuInfo.Widest);
        double worst = 0;
        for (int i = 0; i < x.Length; i++)
            worst = Math.Max(worst, Math.Abs(y[i] - gelu.Apply((double)x[i])) / Ulp(x[i]));
        Assert.InRange(worst, 0, 2.0);
        CheckWidths(gelu, x);
    }

    [Fact]
    public void PowIsWithinTwoUlp()
    {
        var random = new Random(7);
        var x = new float[400_000];
        var y = new float[x.Length];
        for (int i = 0; i < x.Length; i++)
        {
            x[i] = i % 4 == 0 ? (float)(random.NextDouble() * 4) : BitConverter.Int32BitsToSingle(random.Next(0x7F800000));
            double limit = 110 / Math.Max(1e-30, Math.Abs(Math.Log(x[i])));
            y[i] = i % 3 == 0 ? random.Next(-8, 9) : (float)((2 * random.NextDouble() - 1) * Math.Min(limit, 1e30));
        }
        double worst = 0;
        float[] got = Pow(x, y);
        for (int i = 0; i < x.Length; i++)
            worst = Math.Max(worst, Ulps(got[i], Math.Pow(x[i], y[i])));
        Assert.InRange(worst, 0, 2.0);
    }

    [Fact]
    public void PowOfSpecialNumbersIsThatOfC()
    {
        foreach (float x in Special)
            foreach (float y in Special)
            {
                float got = default(Power).Apply<Scalar, float>(x, y);
                double exact = Math.Pow(x, y);
                Assert.True(Ulps(got, exact) <= 2 && float.IsNegative(got) == (float.IsNegative((float)exact) && !double.IsNaN(exact)) || double.IsNaN(exact) && float.IsNaN(got), $"{x}^{y} = {got}, not {exact}");
            }
    }

    [Fact]
    public void PowIsTheSameOnEveryWidth()
    {
        float[] x = [.. Special.SelectMany(_ => Special)], y = [.. Special.SelectMany(s => Enumerable.Repeat(s, Special.Length))];
        float[] expected = new float[x.Length];
        for (int i = 0; i < x.Length; i++)
            expected[i] = default(Power).Apply<Scalar, float>(x[i], y[i]);
        foreach (Isa isa in Widths)
            Assert.Equal(expected, IsaDispatch.Run<PowCode, float[]>(isa, new PowCode(x, y)));
    }

    [Fact]
    public void RoundTakesTiesToEven()
    {
        foreach (float x in (float[])[.. Special, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, 8388607.5f, 8388609f, 0.49999997f])
            Assert.Equal(MathF.Round(x), SimdMath.Round<Scalar, float>(x));
    }

    [Fact]
    public void MaxAndMinKeepNaN()
    {
        foreach (float a in Special)
            foreach (float b in Special)
            {
                Assert.Equal(MathF.Max(a, b), SimdMath.Max<Scalar, float>(a, b));
                Assert.Equal(MathF.Min(a, b), SimdMath.Min<Scalar, float>(a, b));
            }
    }

    internal static IEnumerable<Isa> Widths => IsaDispatch.All.Where(isa => isa <= CpuInfo.Widest);

    /// <summary>Accuracy on the widest vector, from <paramref name="least"/> on, and the same bits on all the others.</summary>
    private static void Check<F>(F function, double ulps, float least = float.NegativeInfinity) where F : struct, IUnaryFunction
    {
        float[] x = [.. Sample().Where(x => !(x < least)), .. Dense()];
        float[] y = Map(function, x, CpuInfo.Widest);
        double worst = 0;
        float where = 0;
        for (int i = 0; i < x.Length; i++)
            if (Ulps(y[i], function.Apply((double)x[i])) is var error && error > worst)
                (worst, where) = (error, x[i]);
        Assert.True(worst <= ulps, $"{worst} ulp at {where:R}");
        CheckWidths(function, x);
    }

    private static void CheckWidths<F>(F function, float[] x) where F : struct, IUnaryFunction
    {
        float[] few = [.. Special, .. x.Where((_, i) => i % 97 == 0)];
        float[] expected = Array.ConvertAll(few, v => function.Apply<Scalar, float>(v));
        foreach (Isa isa in Widths)
            Assert.Equal(expected, Map(function, few, isa));
    }

    /// <summary>Numbers from all binades of both signs, evenly spread over their bits, and the special ones.</summary>
    private static float[] Sample()
    {
        var sample = new List<float>(Special);
        for (long bits = 0; bits < 0x7F800000; bits += 4001)
        {
            sample.Add(BitConverter.Int32BitsToSingle((int)bits));
            sample.Add(-sample[^1]);
        }
        return [.. sample];
    }

    /// <summary>Numbers evenly spread over the range in which the functions bend.</summary>
    private static IEnumerable<float> Dense() => Enumerable.Range(-200_000, 400_001).Select(i => i * 0.0000501f);

    private static double Ulps(float got, double exact)
    {
        if (double.IsNaN(exact) || float.IsNaN(got))
            return double.IsNaN(exact) && float.IsNaN(got) ? 0 : double.PositiveInfinity;
        if (float.IsInfinity(got))
            return MathF.Sign(got) == Math.Sign(exact) && Math.Abs(exact) > 3.4028235e38 ? 0 : double.PositiveInfinity;
        return Math.Abs(got - exact) / Ulp(exact);
    }

    /// <summary>The distance between neighbouring floats at a number.</summary>
    private static double Ulp(double x) => Math.ScaleB(1, Math.Max(-126, Math.Abs(x) < 1e-45 ? -126 : Math.ILogB(x)) - 23);

    private static float[] Map<F>(F function, float[] x, Isa isa) where F : struct, IUnaryFunction => IsaDispatch.Run<MapCode<F>, float[]>(isa, new MapCode<F>(function, x));

    private static float[] Pow(float[] x, float[] y) => IsaDispatch.Run<PowCode, float[]>(CpuInfo.Widest, new PowCode(x, y));

    private readonly struct MapCode<F>(F function, float[] x) : IVectorCode<float[]> where F : struct, IUnaryFunction
    {
        public float[] With<S, V>() where S : struct, ISimd<V> where V : struct
        {
            var y = new float[x.Length];
            fixed (float* from = x, to = y)
                ActivationFunctions.Map<F, S, V>(function, from, to, x.Length);
            return y;
        }
    }

    private readonly struct PowCode(float[] x, float[] y) : IVectorCode<float[]>
    {
        public float[] With<S, V>() where S : struct, ISimd<V> where V : struct
        {
            var z = new float[x.Length];
            nint* steps = stackalloc nint[] { 1, 1 };
            float** operands = stackalloc float*[2];
            fixed (float* a = x, b = y, to = z)
            {
                operands[0] = a;
                operands[1] = b;
                default(BinaryRow<Power>).Run<S, V>(to, operands, steps, x.Length);
            }
            return z;
        }
    }
}
