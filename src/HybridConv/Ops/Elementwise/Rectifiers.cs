using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Ops.Elementwise;

/// <summary>max(0, x). NaN stays NaN.</summary>
internal readonly struct Relu : IIntegerUnaryOperator<Relu>
{
    public static string Name => "Relu";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13, 14];
    public static Relu Read(NodeReader node) => default;
    public Activation Activation => Activation.Relu;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct => S.Max(S.Create(0), x);

    public double Apply(double x) => x < 0 ? 0 : x;
    public T ApplyInteger<T>(T x) where T : IBinaryInteger<T> => x < T.Zero ? T.Zero : x;
}

/// <summary>min(max, max(min, x)). NaN stays NaN.</summary>
internal readonly record struct Clamp(float Min, float Max) : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct => S.Min(S.Create(Max), S.Max(S.Create(Min), x));

    public double Apply(double x)
    {
        double bounded = x < Min ? Min : x;
        return bounded > Max ? Max : bounded;
    }
}

/// <summary>x, or slope * x where x is negative.</summary>
internal readonly record struct LeakyRelu(float Slope) : IUnaryOperator<LeakyRelu>
{
    public static string Name => "LeakyRelu";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 16];
    public static int Weight => 3;
    public static LeakyRelu Read(NodeReader node) => new(node.Float("alpha", 0.01f));
    public Activation Activation => new(ActivationKind.LeakyRelu, Slope);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct => S.Select(S.LessThan(x, S.Create(0)), S.Mul(S.Create(Slope), x), x);

    public double Apply(double x) => x < 0 ? Slope * x : x;
}

/// <summary>x, or scale * (e^x - 1) where x is negative.</summary>
internal readonly record struct Elu(float Scale) : IUnaryOperator<Elu>
{
    public static string Name => "Elu";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 22];
    public static int Weight => 18;
    public static Elu Read(NodeReader node) => new(node.Float("alpha", 1f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ISimd<V> where V : struct
    {
        V zero = S.Create(0);
        return S.Select(S.LessThan(x, zero), S.Mul(S.Create(Scale), SimdMath.Expm1<S, V>(S.Min(zero, x))), x);
    }

    public double Apply(double x) => x < 0 ? Scale * DoubleMath.Expm1(x) : x;
}
