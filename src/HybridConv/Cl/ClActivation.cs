using HybridConv.Ops;

namespace HybridConv.Cl;

/// <summary>How kernels are told their activation: the macro ACTIVATION of <c>common.clh</c> chooses the function, two arguments are its parameters.</summary>
internal static class ClActivation
{
    /// <summary>The definition. No activation is a clamp that never holds, so that both share a program; the empty text, because it is what <c>common.clh</c> takes without one.</summary>
    public static string Define(Activation activation) =>
        activation.Kind is ActivationKind.None or ActivationKind.Clamp ? "" : $"-D ACTIVATION={(int)activation.Kind}";

    /// <summary>The arguments <c>a</c> and <c>b</c> of <c>activate</c>.</summary>
    public static IReadOnlyList<ClArgument> Arguments(Activation activation) =>
        activation.IsNone ? [float.NegativeInfinity, float.PositiveInfinity] : [activation.A, activation.B];
}
