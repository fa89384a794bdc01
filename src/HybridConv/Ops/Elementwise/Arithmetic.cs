using System.Numerics;
using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Verification;

namespace HybridConv.Ops.Elementwise;

/// <summary>a + b.</summary>
internal readonly struct Add : IIntegerBinaryOperator
{
    public static string Name => "Add";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 7, 13, 14];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V a, V b) where S : struct, ILanewise<V> where V : struct => S.Add(a, b);

    public double Apply(double a, double b) => a + b;
    public T ApplyInteger<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T> => unchecked(a + b);
}

/// <summary>a - b.</summary>
internal readonly struct Sub : IIntegerBinaryOperator
{
    public static string Name => "Sub";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 7, 13, 14];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V a, V b) where S : struct, ILanewise<V> where V : struct => S.Sub(a, b);

    public double Apply(double a, double b) => a - b;
    public T ApplyInteger<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T> => unchecked(a - b);
}

/// <summary>a * b.</summary>
internal readonly struct Mul : IIntegerBinaryOperator
{
    public static string Name => "Mul";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 7, 13, 14];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V a, V b) where S : struct, ILanewise<V> where V : struct => S.Mul(a, b);

    public double Apply(double a, double b) => a * b;
    public T ApplyInteger<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T> => unchecked(a * b);
}

/// <summary>a / b. Integers are cut towards zero; a division by zero gives 0, and the smallest number by -1 itself, because a model's data must not stop a run.</summary>
internal readonly struct Div : IIntegerBinaryOperator
{
    public static string Name => "Div";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 7, 13, 14];
    public static int Weight => 6;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V a, V b) where S : struct, ILanewise<V> where V : struct => S.Div(a, b);

    public double Apply(double a, double b) => a / b;

    public T ApplyInteger<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T> =>
        T.IsZero(b) ? T.Zero : T.IsNegative(b) && b == unchecked(T.Zero - T.One) ? unchecked(T.Zero - a) : a / b;
}

/// <summary>The larger; NaN when either is NaN.</summary>
internal readonly struct Max : IIntegerBinaryOperator
{
    public static string Name => "Max";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 8, 12, 13];
    public static Accuracy Accuracy => Accuracy.Exact;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V a, V b) where S : struct, ILanewise<V> where V : struct => SimdMath.Max<S, V>(a, b);

    public double Apply(double a, double b) => Math.Max(a, b);
    public T ApplyInteger<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T> => T.Max(a, b);
}

/// <summary>The smaller; NaN when either is NaN.</summary>
internal readonly struct Min : IIntegerBinaryOperator
{
    public static string Name => "Min";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 8, 12, 13];
    public static Accuracy Accuracy => Accuracy.Exact;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V a, V b) where S : struct, ILanewise<V> where V : struct => SimdMath.Min<S, V>(a, b);

    public double Apply(double a, double b) => Math.Min(a, b);
    public T ApplyInteger<T>(T a, T b) where T : IBinaryInteger<T>, IMinMaxValue<T> => T.Min(a, b);
}

/// <summary>a + b + ..., from the first operand to the last.</summary>
internal readonly struct Sum : IBinaryOperator
{
    public static string Name => "Sum";
    public static IReadOnlyList<int> Opsets { get; } = [1, 6, 8, 13];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V a, V b) where S : struct, ILanewise<V> where V : struct => S.Add(a, b);

    public double Apply(double a, double b) => a + b;
}
