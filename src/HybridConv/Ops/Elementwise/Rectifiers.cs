using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Verification;

namespace HybridConv.Ops.Elementwise;

/// <summary>max(0, x). NaN stays NaN.</summary>
internal readonly struct Relu : IIntegerUnaryOperator<Relu>
{
    public static string Name => "Relu";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13, 14];
    public static Accuracy Accuracy => Accuracy.Exact;
    public static Relu Read(NodeReader node) => default;
    public Activation Activation => Activation.Relu;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Max(S.Create(0), x);

    public double Apply(double x) => x < 0 ? 0 : x;
    public T ApplyInteger<T>(T x) where T : IBinaryInteger<T> => x < T.Zero ? T.Zero : x;
}

/// <summary>min(max, max(min, x)). NaN stays NaN.</summary>
internal readonly record struct Clamp(float Min, float Max) : IUnaryFunction
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Min(S.Create(Max), S.Max(S.Create(Min), x));

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
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Select(S.LessThan(x, S.Create(0)), S.Mul(S.Create(Slope), x), x);

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
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V zero = S.Create(0);
        return S.Select(S.LessThan(x, zero), S.Mul(S.Create(Scale), SimdMath.Expm1<S, V>(S.Min(zero, x))), x);
    }

    public double Apply(double x) => x < 0 ? Scale * DoubleMath.Expm1(x) : x;
}

/// <summary>gain * x, or gain * scale * (e^x - 1) where x is negative.</summary>
internal readonly record struct Selu(float Scale, float Gain) : IUnaryOperator<Selu>
{
    public static string Name => "Selu";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 22];
    public static int Weight => 19;

    /// <summary>In opset 1 the defaults had fewer digits.</summary>
    public static Selu Read(NodeReader node) => node.Opset < 6
        ? new(node.Float("alpha", 1.6732f), node.Float("gamma", 1.0507f))
        : new(node.Float("alpha", 1.67326319f), node.Float("gamma", 1.05070102f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Mul(S.Create(Gain), new Elu(Scale).Apply<S, V>(x));

    public double Apply(double x) => Gain * new Elu(Scale).Apply(x);
}

/// <summary>x, or scale * (e^(x / scale) - 1) where x is negative.</summary>
internal readonly record struct Celu(float Scale) : IUnaryOperator<Celu>
{
    public static string Name => "Celu";
    public static IReadOnlyList<int> Opsets { get; } = [12];
    public static int Weight => 24;

    public static Celu Read(NodeReader node)
    {
        float scale = node.Float("alpha", 1f);
        return scale > 0 ? new(scale) : throw node.Unsupported(FormattableString.Invariant($"alpha is {scale}; it must be positive"));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V zero = S.Create(0), scale = S.Create(Scale);
        return S.Select(S.LessThan(x, zero), S.Mul(scale, SimdMath.Expm1<S, V>(S.Div(S.Min(zero, x), scale))), x);
    }

    public double Apply(double x) => x < 0 ? Scale * DoubleMath.Expm1(x / Scale) : x;
}

/// <summary>x, or 0 where x is not above a threshold. NaN stays NaN.</summary>
internal readonly record struct ThresholdedRelu(float Threshold) : IUnaryOperator<ThresholdedRelu>
{
    public static string Name => "ThresholdedRelu";
    public static IReadOnlyList<int> Opsets { get; } = [10, 22];
    public static int Weight => 4;
    public static Accuracy Accuracy => Accuracy.Exact;
    public static ThresholdedRelu Read(NodeReader node) => new(node.Float("alpha", 1f));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V threshold = S.Create(Threshold);
        return S.Select(S.Or(S.LessThan(x, threshold), S.Equal(x, threshold)), S.Create(0), x);
    }

    public double Apply(double x) => x <= Threshold ? 0 : x;
}
