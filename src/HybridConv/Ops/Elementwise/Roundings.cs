using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Verification;

namespace HybridConv.Ops.Elementwise;

/// <summary>The nearest integer, ties to even.</summary>
internal readonly struct Round : IUnaryOperator<Round>
{
    public static string Name => "Round";
    public static IReadOnlyList<int> Opsets { get; } = [11, 22];
    public static int Weight => 7;
    public static Accuracy Accuracy => Accuracy.Exact;
    public static Round Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => SimdMath.Round<S, V>(x);

    public double Apply(double x) => Math.Round(x);
}

/// <summary>The largest integer that is not above x.</summary>
internal readonly struct Floor : IUnaryOperator<Floor>
{
    public static string Name => "Floor";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13];
    public static int Weight => 10;
    public static Accuracy Accuracy => Accuracy.Exact;
    public static Floor Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V nearest = SimdMath.Round<S, V>(x);
        return S.Sub(nearest, S.And(S.LessThan(x, nearest), S.Create(1f)));
    }

    public double Apply(double x) => Math.Floor(x);
}

/// <summary>The smallest integer that is not below x.</summary>
internal readonly struct Ceiling : IUnaryOperator<Ceiling>
{
    public static string Name => "Ceil";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13];
    public static int Weight => 10;
    public static Accuracy Accuracy => Accuracy.Exact;
    public static Ceiling Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V nearest = SimdMath.Round<S, V>(x);
        return S.Add(nearest, S.And(S.LessThan(nearest, x), S.Create(1f)));
    }

    public double Apply(double x) => Math.Ceiling(x);
}
