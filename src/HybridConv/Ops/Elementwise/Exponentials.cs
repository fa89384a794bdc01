using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;

namespace HybridConv.Ops.Elementwise;

/// <summary>e^x.</summary>
internal readonly struct Exp : IUnaryOperator<Exp>
{
    public static string Name => "Exp";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13];
    public static int Weight => 16;
    public static Exp Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => SimdMath.Exp<S, V>(x);

    public double Apply(double x) => Math.Exp(x);
}

/// <summary>The natural logarithm; -infinity of zeros, NaN of negative numbers.</summary>
internal readonly struct Log : IUnaryOperator<Log>
{
    public static string Name => "Log";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13];
    public static int Weight => 36;
    public static Log Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => SimdMath.Log<S, V>(x);

    public double Apply(double x) => Math.Log(x);
}

/// <summary>The error function.</summary>
internal readonly struct Erf : IUnaryOperator<Erf>
{
    public static string Name => "Erf";
    public static IReadOnlyList<int> Opsets { get; } = [9, 13];
    public static int Weight => 34;
    public static Erf Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => SimdMath.Erf<S, V>(x);

    public double Apply(double x) => DoubleMath.Erf(x);
}

/// <summary>The square root; NaN of negative numbers.</summary>
internal readonly struct Sqrt : IUnaryOperator<Sqrt>
{
    public static string Name => "Sqrt";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13];
    public static int Weight => 8;
    public static Sqrt Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Sqrt(x);

    public double Apply(double x) => Math.Sqrt(x);
}

/// <summary>1 / x.</summary>
internal readonly struct Reciprocal : IUnaryOperator<Reciprocal>
{
    public static string Name => "Reciprocal";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13];
    public static int Weight => 6;
    public static Reciprocal Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Div(S.Create(1f), x);

    public double Apply(double x) => 1 / x;
}
