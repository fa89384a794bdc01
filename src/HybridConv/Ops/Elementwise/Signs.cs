using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Verification;

namespace HybridConv.Ops.Elementwise;

/// <summary>-x. The smallest integer stays itself.</summary>
internal readonly struct Neg : IIntegerUnaryOperator<Neg>
{
    public static string Name => "Neg";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13];
    public static Accuracy Accuracy => Accuracy.Exact;
    public static Neg Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Negate(x);

    public double Apply(double x) => -x;
    public T ApplyInteger<T>(T x) where T : IBinaryInteger<T> => unchecked(T.Zero - x);
}

/// <summary>|x|. The smallest integer stays itself.</summary>
internal readonly struct Abs : IIntegerUnaryOperator<Abs>
{
    public static string Name => "Abs";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 13];
    public static Accuracy Accuracy => Accuracy.Exact;
    public static Abs Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Abs(x);

    public double Apply(double x) => Math.Abs(x);
    public T ApplyInteger<T>(T x) where T : IBinaryInteger<T> => T.IsNegative(x) ? unchecked(T.Zero - x) : x;
}

/// <summary>-1, 0 or 1; NaN stays NaN.</summary>
internal readonly struct Sign : IIntegerUnaryOperator<Sign>
{
    public static string Name => "Sign";
    public static IReadOnlyList<int> Opsets { get; } = [9, 13];
    public static int Weight => 4;
    public static Accuracy Accuracy => Accuracy.Exact;
    public static Sign Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V zero = S.Create(0);
        V sign = S.Select(S.LessThan(zero, x), S.Create(1f), x);
        return S.Select(S.LessThan(x, zero), S.Create(-1f), sign);
    }

    public double Apply(double x) => x > 0 ? 1 : x < 0 ? -1 : x;
    public T ApplyInteger<T>(T x) where T : IBinaryInteger<T> => T.IsZero(x) ? x : T.IsNegative(x) ? unchecked(T.Zero - T.One) : T.One;
}
