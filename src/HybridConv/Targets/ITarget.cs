using HybridConv.Graphs;
using HybridConv.Planning;

namespace HybridConv.Targets;

/// <summary>A machine that can run networks. Opened by a session and closed with it.</summary>
internal interface ITarget : IDisposable
{
    /// <summary>The name by which users ask for it: <c>cpu</c>, <c>cpu:reference</c>.</summary>
    string Name { get; }

    /// <summary>Threads that one run uses.</summary>
    int Threads { get; }

    /// <summary>Why this target runs the network, where it was not the caller who named it; null otherwise.</summary>
    string? Why => null;

    /// <summary>Measures what this machine can do at most, in a fraction of a second; null where that says nothing about the target.</summary>
    MachinePeak? MeasurePeak();

    /// <summary>Plans a network for concrete input shapes.</summary>
    Plan Compile(PlanRequest request);
}

/// <summary>The ceilings that kernels are judged against.</summary>
/// <param name="Gflops">Fused multiply-adds in registers, two operations each, in units of 1e9 per second.</param>
/// <param name="Bandwidth">Memory that no cache holds, in GB/s.</param>
internal sealed record MachinePeak(double Gflops, double Bandwidth);

/// <summary>What a plan is asked for.</summary>
/// <param name="Graph">The network as read, with the caller's edges (layouts, kept values). Not to be changed.</param>
/// <param name="InputShapes">The shape of every graph input.</param>
/// <param name="KnownInputs">Inputs whose data decides about shapes, with that data; the plan holds for it only.</param>
/// <param name="Weights">The packed weights of the model.</param>
/// <param name="Options">Limits and precision.</param>
internal sealed record PlanRequest(
    Graph Graph, IReadOnlyDictionary<string, Shape> InputShapes, IReadOnlyDictionary<string, Tensor> KnownInputs, WeightStore Weights, SessionOptions Options);
