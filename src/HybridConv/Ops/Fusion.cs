using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>An operator that may apply an activation to its result before it is stored. Passes use this; the operator's reference and kernels honour it.</summary>
internal interface IFusesActivation
{
    Activation GetActivation(object attributes);

    object WithActivation(object attributes, Activation activation);
}

/// <summary>An operator to whose result a residual (an additional last input of the output's shape) may be added before the activation is applied.</summary>
internal interface IAddsResidual : IFusesActivation
{
    /// <summary>The index at which a residual input may stand; it has none yet when the node has fewer inputs. Missing optional inputs before it are null.</summary>
    int ResidualInput { get; }
}

/// <summary>An operator with spatial padding into which a preceding Pad may be folded, after inference.</summary>
internal interface IHasPads
{
    /// <summary>
    /// The attributes with <paramref name="pads"/> (begins of the spatial axes, then ends) added; null when padding with <paramref name="value"/> is not what
    /// this operator's padding means.
    /// </summary>
    object? WithPadsAdded(Node node, ReadOnlySpan<long> pads, float value);
}

/// <summary>An operator whose nodes may be activations: what it computes of its only input can be fused into the input's producer.</summary>
internal interface IActivationOp
{
    /// <summary>The activation that the node is; <see cref="ActivationKind.None"/> when it is none.</summary>
    Activation ActivationOf(Node node);
}
