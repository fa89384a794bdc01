using System.Numerics;

namespace HybridConv.Ops.Elementwise;

/// <summary>a = b.</summary>
internal readonly struct Equal : IPredicate
{
    public static string Name => "Equal";
    public static IReadOnlyList<int> Opsets { get; } = [1, 7, 11, 13, 19];
    public static bool TakesBool => true;
    public static bool Holds<T>(T a, T b) where T : INumber<T> => a == b;
}

/// <summary>a &lt; b.</summary>
internal readonly struct Less : IPredicate
{
    public static string Name => "Less";
    public static IReadOnlyList<int> Opsets { get; } = [1, 7, 9, 13];
    public static bool Holds<T>(T a, T b) where T : INumber<T> => a < b;
}

/// <summary>a &lt;= b.</summary>
internal readonly struct LessOrEqual : IPredicate
{
    public static string Name => "LessOrEqual";
    public static IReadOnlyList<int> Opsets { get; } = [12, 16];
    public static bool Holds<T>(T a, T b) where T : INumber<T> => a <= b;
}

/// <summary>a &gt; b.</summary>
internal readonly struct Greater : IPredicate
{
    public static string Name => "Greater";
    public static IReadOnlyList<int> Opsets { get; } = [1, 7, 9, 13];
    public static bool Holds<T>(T a, T b) where T : INumber<T> => a > b;
}

/// <summary>a &gt;= b.</summary>
internal readonly struct GreaterOrEqual : IPredicate
{
    public static string Name => "GreaterOrEqual";
    public static IReadOnlyList<int> Opsets { get; } = [12, 16];
    public static bool Holds<T>(T a, T b) where T : INumber<T> => a >= b;
}

/// <summary>Both.</summary>
internal readonly struct And : IPredicate
{
    public static string Name => "And";
    public static IReadOnlyList<int> Opsets { get; } = [1, 7];
    public static bool TakesNumbers => false;
    public static bool TakesBool => true;
    public static bool Holds<T>(T a, T b) where T : INumber<T> => !T.IsZero(a) && !T.IsZero(b);
}

/// <summary>Either or both.</summary>
internal readonly struct Or : IPredicate
{
    public static string Name => "Or";
    public static IReadOnlyList<int> Opsets { get; } = [1, 7];
    public static bool TakesNumbers => false;
    public static bool TakesBool => true;
    public static bool Holds<T>(T a, T b) where T : INumber<T> => !T.IsZero(a) || !T.IsZero(b);
}

/// <summary>One, not both.</summary>
internal readonly struct Xor : IPredicate
{
    public static string Name => "Xor";
    public static IReadOnlyList<int> Opsets { get; } = [1, 7];
    public static bool TakesNumbers => false;
    public static bool TakesBool => true;
    public static bool Holds<T>(T a, T b) where T : INumber<T> => T.IsZero(a) != T.IsZero(b);
}
