namespace HybridConv.Ops;

/// <summary>The functions that can be applied to a convolution's or matrix product's result before it is stored.</summary>
internal enum ActivationKind
{
    None,
    /// <summary>min(B, max(A, x)): ReLU is [0, inf], ReLU6 [0, 6], Clip any bounds. NaN stays NaN.</summary>
    Clamp,
    /// <summary>x, or A*x where x is negative.</summary>
    LeakyRelu,
    /// <summary>1 / (1 + exp(-x)).</summary>
    Sigmoid,
    /// <summary>max(0, min(1, A*x + B)).</summary>
    HardSigmoid,
    /// <summary>x * max(0, min(1, x/6 + 1/2)).</summary>
    HardSwish,
    /// <summary>x * sigmoid(A*x): SiLU where A is 1.</summary>
    Swish,
    /// <summary>x * tanh(log(1 + exp(x))).</summary>
    Mish,
    /// <summary>x/2 * (1 + erf(x / sqrt 2)).</summary>
    Gelu,
    /// <summary>x/2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))).</summary>
    GeluTanh,
}

/// <summary>A fused activation with its parameters.</summary>
internal readonly record struct Activation(ActivationKind Kind, float A = 0, float B = 0)
{
    public static readonly Activation Relu = new(ActivationKind.Clamp, 0, float.PositiveInfinity);
    public static readonly Activation Silu = new(ActivationKind.Swish, 1);

    public static Activation Clamp(float min, float max) => new(ActivationKind.Clamp, min, max);

    public bool IsNone => Kind == ActivationKind.None;

    public override string ToString() => Kind switch
    {
        ActivationKind.Clamp when A == 0 && float.IsPositiveInfinity(B) => "Relu",
        ActivationKind.Clamp => FormattableString.Invariant($"Clip({A},{B})"),
        ActivationKind.Swish when A == 1 => "Silu",
        ActivationKind.LeakyRelu or ActivationKind.Swish => FormattableString.Invariant($"{Kind}({A})"),
        _ => Kind.ToString(),
    };
}
