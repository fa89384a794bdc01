using System.Runtime.CompilerServices;
using HybridConv.Cpu.Simd;
using HybridConv.Verification;

namespace HybridConv.Ops.Elementwise;

/// <summary>log(1 + e^x).</summary>
internal readonly struct Softplus : IUnaryOperator<Softplus>
{
    public static string Name => "Softplus";
    public static IReadOnlyList<int> Opsets { get; } = [1, 22];
    public static int Weight => 36;
    public static Softplus Read(NodeReader node) => default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => SimdMath.Softplus<S, V>(x);

    public double Apply(double x) => Math.Max(0, x) + DoubleMath.Log1p(Math.Exp(-Math.Abs(x)));
}

/// <summary>x * sigmoid(scale * x); with a scale of 1 this is SiLU (Ramachandran, Zoph and Le, "Searching for Activation Functions").</summary>
internal readonly record struct Swish(float Scale) : IUnaryOperator<Swish>
{
    public static string Name => "Swish";
    public static IReadOnlyList<int> Opsets { get; } = [24];
    public static bool InPairs => true;
    public static int Weight => 20;
    public static Accuracy Accuracy => new(8, 1);
    public static Swish Read(NodeReader node) => new(node.Float("alpha", 1f));
    public Activation Activation => new(ActivationKind.Swish, Scale);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Mul(x, SimdMath.Sigmoid<S, V>(S.Mul(S.Create(Scale), x)));

    public double Apply(double x) => x * (1 / (1 + Math.Exp(-Scale * x)));
}

/// <summary><see cref="Swish"/> with a scale of 1: the same bits with one multiplication less.</summary>
internal readonly struct Silu : IUnaryFunction
{
    public static bool InPairs => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct => S.Mul(x, SimdMath.Sigmoid<S, V>(x));

    public double Apply(double x) => new Swish(1).Apply(x);
}

/// <summary>
/// x * tanh(softplus(x)) (Misra, "Mish: A Self Regularized Non-Monotonic Activation Function"), to 4 ulp down to -87, where e^x becomes denormal.
/// </summary>
internal readonly struct Mish : IUnaryOperator<Mish>
{
    public static string Name => "Mish";
    public static IReadOnlyList<int> Opsets { get; } = [18, 22];
    public static bool InPairs => true;
    public static int Weight => 22;
    public static Accuracy Accuracy => new(8, 1);
    public static Mish Read(NodeReader node) => default;
    public Activation Activation => new(ActivationKind.Mish);

    /// <remarks>With n = e^2x + 2 e^x, the tangent is n / (n + 2).</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        // From 9.02 on the tangent rounds to 1.
        V e = SimdMath.Exp<S, V>(S.Min(S.Create(9.25f), x)), two = S.Create(2f);
        V n = S.Fma(e, e, S.Add(e, e));
        return S.Mul(x, S.Div(n, S.Add(n, two)));
    }

    public double Apply(double x) => x * Math.Tanh(default(Softplus).Apply(x));
}

/// <summary>
/// x times the probability that a normal number is below x (Hendrycks and Gimpel, "Gaussian Error Linear Units"): x/2 * (1 + erf(x / sqrt 2)), or,
/// approximately, x/2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))). Either to 2 ulp of x.
/// </summary>
/// <param name="Approximate">Which of the two.</param>
internal readonly record struct Gelu(bool Approximate) : IUnaryOperator<Gelu>
{
    /// <summary>The factors of x and x^3 in the argument of the tangent.</summary>
    public const double Linear = 0.79788456080286536, Cubic = Linear * 0.044715;

    /// <summary>1 / sqrt 2.</summary>
    public const double ErfScale = 0.70710678118654752;

    public static string Name => "Gelu";
    public static IReadOnlyList<int> Opsets { get; } = [20];
    public static int Weight => 37;
    public static Accuracy Accuracy => new(8, 4);
    public Activation Activation => new(Approximate ? ActivationKind.GeluTanh : ActivationKind.Gelu);

    public static Gelu Read(NodeReader node) => node.Text("approximate", "none") switch
    {
        "none" => new(false),
        "tanh" => new(true),
        string other => throw node.Unsupported($"the approximation '{other}' is not known"),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        if (Approximate)
            return default(GeluTanh).Apply<S, V>(x);
        V half = S.Mul(x, S.Create(0.5f));
        return S.Fma(half, SimdMath.Erf<S, V>(S.Mul(x, S.Create((float)ErfScale))), half);
    }

    public double Apply(double x) => Approximate ? default(GeluTanh).Apply(x) : x / 2 * (1 + DoubleMath.Erf(x * ErfScale));
}

/// <summary>The approximate <see cref="Gelu"/>.</summary>
internal readonly struct GeluTanh : IUnaryFunction
{
    public static bool InPairs => true;

    /// <remarks>(1 + tanh u) / 2 is the sigmoid of 2 u.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public V Apply<S, V>(V x) where S : struct, ILanewise<V> where V : struct
    {
        V slope = S.Fma(S.Mul(x, x), S.Create((float)(2 * Gelu.Cubic)), S.Create((float)(2 * Gelu.Linear)));
        return S.Mul(x, SimdMath.Sigmoid<S, V>(S.Mul(x, slope)));
    }

    public double Apply(double x) => x / 2 * (1 + Math.Tanh(x * (Gelu.Linear + Gelu.Cubic * x * x)));
}
