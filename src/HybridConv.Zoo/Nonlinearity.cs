namespace HybridConv.Zoo;

/// <summary>What follows a normalisation in the blocks that come in more than one form.</summary>
public enum Nonlinearity
{
    /// <summary>x itself.</summary>
    None,
    /// <summary>max(0, x).</summary>
    Relu,
    /// <summary>min(6, max(0, x)).</summary>
    Relu6,
    /// <summary>x * sigmoid(x), also called swish.</summary>
    Silu,
    /// <summary>x * max(0, min(1, x/6 + 1/2)): SiLU in straight lines.</summary>
    HardSwish,
}
