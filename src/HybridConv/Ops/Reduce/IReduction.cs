using System.Numerics;
using HybridConv.Cpu.Simd;

namespace HybridConv.Ops.Reduce;

/// <summary>A function of any number of elements: all that <see cref="ReduceOp{R}"/> needs to be an operator.</summary>
internal interface IReduction
{
    static abstract string Name { get; }

    static abstract IReadOnlyList<int> Opsets { get; }

    /// <summary>The opset from which the axes are an input.</summary>
    static abstract int AxesAreInputSince { get; }

    /// <summary>Whether elements are added, by <see cref="SumTree{T}"/>; otherwise the largest is taken.</summary>
    static abstract bool Adds { get; }

    /// <summary>Whether the result is divided by the count.</summary>
    static abstract bool Divides { get; }

    /// <summary>Whether booleans are accepted, as the numbers 0 and 1.</summary>
    static abstract bool TakesBool { get; }

    /// <summary>The result from what the elements were combined to. Integers are cut towards zero.</summary>
    static abstract T Finish<T>(T combined, long count) where T : INumber<T>;

    static abstract V Finish<S, V>(V combined, float count) where S : struct, ISimd<V> where V : struct;
}

/// <summary>The sum; 0 of nothing.</summary>
internal readonly struct Total : IReduction
{
    public static string Name => "ReduceSum";
    public static IReadOnlyList<int> Opsets { get; } = [1, 11, 13];
    public static int AxesAreInputSince => 13;
    public static bool Adds => true;
    public static bool Divides => false;
    public static bool TakesBool => false;
    public static T Finish<T>(T combined, long count) where T : INumber<T> => combined;
    public static V Finish<S, V>(V combined, float count) where S : struct, ISimd<V> where V : struct => combined;
}

/// <summary>The sum divided by the count; NaN of nothing, and 0 for integers.</summary>
internal readonly struct Mean : IReduction
{
    public static string Name => "ReduceMean";
    public static IReadOnlyList<int> Opsets { get; } = [1, 11, 13, 18];
    public static int AxesAreInputSince => 18;
    public static bool Adds => true;
    public static bool Divides => true;
    public static bool TakesBool => false;

    public static T Finish<T>(T combined, long count) where T : INumber<T>
    {
        // Only for integers is half of one nothing.
        bool isInteger = T.IsZero(T.One / (T.One + T.One));
        return isInteger && count == 0 ? T.Zero : combined / T.CreateTruncating(count);
    }

    public static V Finish<S, V>(V combined, float count) where S : struct, ISimd<V> where V : struct => S.Div(combined, S.Create(count));
}

/// <summary>The largest; NaN when any is NaN; the smallest number there is of nothing.</summary>
internal readonly struct Largest : IReduction
{
    public static string Name => "ReduceMax";
    public static IReadOnlyList<int> Opsets { get; } = [1, 11, 12, 13, 18, 20];
    public static int AxesAreInputSince => 18;
    public static bool Adds => false;
    public static bool Divides => false;
    public static bool TakesBool => true;
    public static T Finish<T>(T combined, long count) where T : INumber<T> => combined;
    public static V Finish<S, V>(V combined, float count) where S : struct, ISimd<V> where V : struct => combined;
}
