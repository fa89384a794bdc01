using HybridConv.Cl;
using HybridConv.Graphs;
using HybridConv.Ops.Windows;
using HybridConv.Planning;

namespace HybridConv.Ops.Conv;

/// <summary>The table for OpenCL devices; README.md beside this file says which row is for what.</summary>
internal sealed partial class ConvOp : ITable<ConvSpec, ClDevice>
{
    IReadOnlyList<Candidate<ConvSpec, ClDevice>> ITable<ConvSpec, ClDevice>.Rows => field ??=
    [
        .. LocalRows,
        .. RegisterRows,
        .. CpuRows,
        ReferenceRow,
    ];

    /// <summary>The filters that one of the outputs holds. A row computes each with launches of its own.</summary>
    /// <param name="Output">The output's index.</param>
    /// <param name="View">Where it lies.</param>
    /// <param name="FirstFilter">The filter of its channel 0.</param>
    private readonly record struct OutputPart(int Output, TensorView View, int FirstFilter)
    {
        public int Filters => View.Shape.Dim(ImageView.Channel);
    }

    private static IEnumerable<OutputPart> PartsOf(ConvSpec spec)
    {
        for (int output = 0, first = 0; output < spec.Outputs.Count; output++)
        {
            var part = new OutputPart(output, spec.Outputs[output], first);
            first += part.Filters;
            yield return part;
        }
    }

    /// <summary>Bytes that cross the memory bus when everything is read and written once.</summary>
    private static double TrafficBytes(ConvSpec spec)
    {
        double elements = spec.Input.Shape.Elements * (spec.Scaling is null ? 1.0 : 3.0) + spec.Weights.Elements;
        foreach (TensorView output in spec.Outputs)
            elements += output.Shape.Elements * (spec.Residual is null ? 1.0 : 2.0);
        return elements * sizeof(float);
    }

    private static double Flops(ConvSpec spec) => 2.0 * spec.Pixels * spec.Filters * spec.Depth;
}
