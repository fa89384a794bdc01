using CsCheck;
using HybridConv.Graphs;
using HybridConv.Tests.Passes;
using Xunit;

namespace HybridConv.Tests.Planning;

/// <summary>Random networks through the whole planner.</summary>
public class PlanPropertyTests
{
    [Fact]
    public void A_planned_network_computes_what_the_reference_computes() =>
        Gen.Select(Gen.Int[3, 5], Gen.UInt.Array[1, 30], Gen.Int[1, 3]).Sample((rank, numbers, threads) =>
        {
            Graph graph = RandomGraph.Grow(rank, numbers).Graph;
            if (graph.Outputs.Count > 0)
                PlannedGraph.Check(graph, threads);
        }, iter: 300);
}
