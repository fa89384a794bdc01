using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Verification;

namespace HybridConv.Ops.Elementwise;

/// <summary>1 / (1 + e^-x).</summary>
internal readonly struct Sigmoid : IUnaryOperator<Sigmoid>
{
    public static string Name => "Sigmoid";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13];
    public static bool InPairs => true;
    public static int Weight => 18;
    public static Sigmoid Read(NodeReader node) => default;
    public Activation Activation => new(ActivationKind.Sigmoid);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => SimdMath.Sigmoid<S, V>(x);

    public double Apply(double x) => 1 / (1 + Math.Exp(-x));
}

/// <summary>max(0, min(1, slope * x + offset)), the product and sum rounded once.</summary>
internal readonly record struct HardSigmoid(float Slope, float Offset) : IUnaryOperator<HardSigmoid>
{
    public static string Name => "HardSigmoid";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 22];
    public static int Weight => 3;
    public static HardSigmoid Read(NodeReader node) => new(node.Float("alpha", 0.2f), node.Float("beta", 0.5f));
    public Activation Activation => new(ActivationKind.HardSigmoid, Slope, Offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct =>
        S.Max(S.Create(0), S.Min(S.Create(1f), S.Fma(S.Create(Slope), x, S.Create(Offset))));

    public double Apply(double x) => Math.Max(0, Math.Min(1, Slope * x + Offset));
}

/// <summary>x * max(0, min(1, x/6 + 1/2)).</summary>
internal readonly struct HardSwish : IUnaryOperator<HardSwish>
{
    public static string Name => "HardSwish";
    public static IReadOnlyList<int> Opsets { get; } = [14, 22];
    public static int Weight => 4;
    public static Accuracy Accuracy => new(4, 2);
    public static HardSwish Read(NodeReader node) => default;
    public Activation Activation => new(ActivationKind.HardSwish);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Mul(x, new HardSigmoid(1f / 6, 0.5f).Apply<S, V>(x));

    public double Apply(double x) => x * Math.Max(0, Math.Min(1, x / 6 + 0.5));
}

/// <summary>The hyperbolic tangent.</summary>
internal readonly struct Tanh : IUnaryOperator<Tanh>
{
    public static string Name => "Tanh";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13];
    public static bool InPairs => true;
    public static int Weight => 20;
    public static Tanh Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => SimdMath.Tanh<S, V>(x);

    public double Apply(double x) => Math.Tanh(x);
}

/// <summary>x / (1 + |x|); NaN of infinities.</summary>
internal readonly struct Softsign : IUnaryOperator<Softsign>
{
    public static string Name => "Softsign";
    public static IReadOnlyList<int> Opsets { get; } = [1, 22];
    public static int Weight => 8;
    public static Softsign Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Div(x, S.Add(S.Create(1f), S.Abs(x)));

    public double Apply(double x) => x / (1 + Math.Abs(x));
}
