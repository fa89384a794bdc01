using HybridConv.Graphs;

namespace HybridConv.Ops;

/// <summary>An operator that joins its inputs along one axis.</summary>
internal interface IConcatenates
{
    int Axis(Node node);
}

/// <summary>An operator whose outputs are windows on its first input.</summary>
internal interface ISplits
{
    /// <summary>The part of <paramref name="source"/> that output <paramref name="output"/> is.</summary>
    TensorView Window(Node node, int output, TensorView source);
}
