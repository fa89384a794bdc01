using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Ops.Elementwise;

/// <summary>The rows of elementwise operators on OpenCL devices: one for every profile, because its vectors and what a work-item takes are the device's.</summary>
internal static class ElementwiseClRows
{
    /// <param name="name">The operator.</param>
    /// <param name="weight">About how many vector instructions the function takes.</param>
    /// <param name="types">The element types of the output and the inputs; of the last one, all further inputs.</param>
    /// <param name="function">What is computed of the inputs that are present; null when no kernel knows it.</param>
    public static IReadOnlyList<Candidate<ElementwiseSpec<TAttributes>, ClDevice>> Of<TAttributes>(
        string name, int weight, ElementType[] types, Func<ElementwiseSpec<TAttributes>, ClFunction?> function) =>
    [
        new($"{name.ToLowerInvariant()}.vector.f32.portable",
            (spec, device) => WhyNot(spec.Types, types) is { } why ? Fit.No(why)
                : function(spec) is null ? Fit.No($"no kernel computes {name}")
                : Fit.Yes(ElementwiseLaunch.Predict(device, spec.Loops.Shape.Elements, spec.Types.Count - 1, weight)),
            _ => null,
            (spec, device, _) => new ClKernel([.. ElementwiseLaunch.Of(device, function(spec)!.Value, spec.Loops.Shape, Output(spec), [.. Inputs(spec)])])),
    ];

    /// <summary>For any number of inputs, of which two at a time are combined: the last two into the output, those before in working memory.</summary>
    public static IReadOnlyList<Candidate<ElementwiseSpec<TAttributes>, ClDevice>> Fold<TAttributes>(string name, int weight, ClFunction? function) =>
    [
        new($"{name.ToLowerInvariant()}.vector.f32.portable",
            (spec, device) => WhyNot(spec.Types, [ElementType.Float32]) is { } why ? Fit.No(why)
                : function is null ? Fit.No($"no kernel computes {name}")
                : Fit.Yes(ElementwiseLaunch.Predict(device, spec.Loops.Shape.Elements, spec.Types.Count, weight, Math.Max(1, spec.Types.Count - 2))),
            _ => null,
            (spec, device, _) => Fold(spec, device, function!.Value)),
    ];

    /// <summary>Why a launch cannot take operands of these types; null when it can.</summary>
    private static string? WhyNot(IReadOnlyList<ElementType> types, ElementType[] wanted)
    {
        for (int i = 0; i < types.Count; i++)
        {
            ElementType type = wanted[Math.Min(i, wanted.Length - 1)];
            if (types[i] != type && types[i] != ElementType.None)
                return $"{(i == 0 ? "the output" : $"input {i - 1}")} is {types[i].Label()}, not {type.Label()}";
        }
        return null;
    }

    private static ClKernel Fold<TAttributes>(ElementwiseSpec<TAttributes> spec, ClDevice device, ClFunction function)
    {
        ClOperand[] inputs = [.. Inputs(spec)];
        if (inputs.Length == 1)
            return new ClKernel([.. ElementwiseLaunch.Of(device, ClFunctions.Of(new Clamp(float.NegativeInfinity, float.PositiveInfinity))!.Value, spec.Loops.Shape, Output(spec), inputs)]);
        var folded = new ClOperand(ClArgument.Scratch(), spec.Loops.Shape.DenseStrides());
        var launches = new List<ClLaunch>();
        for (int i = 1; i < inputs.Length; i++)
            launches.AddRange(ElementwiseLaunch.Of(device, function, spec.Loops.Shape, i == inputs.Length - 1 ? Output(spec) : folded, i == 1 ? inputs[0] : folded, inputs[i]));
        return new ClKernel(launches, inputs.Length > 2 ? spec.Loops.Shape.Elements * sizeof(float) : 0);
    }

    private static ClOperand Output<TAttributes>(ElementwiseSpec<TAttributes> spec) => new(ClArgument.Output(), spec.Loops.Strides[0]);

    private static IEnumerable<ClOperand> Inputs<TAttributes>(ElementwiseSpec<TAttributes> spec) =>
        spec.Loops.Strides.Skip(1).Select((strides, input) => new ClOperand(ClArgument.Input(input), strides)).Where((_, input) => spec.Types[input + 1] != ElementType.None);
}
