using CsCheck;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class PassPropertyTests
{
    private static readonly Gen<(int Rank, uint[] Numbers)> Graphs = Gen.Select(Gen.Int[3, 5], Gen.UInt.Array[1, 20]);

    [Fact]
    public void Every_pass_in_order_keeps_what_a_random_graph_computes() =>
        Graphs.Sample(sample =>
        {
            SmallGraph graph = RandomGraph.Grow(sample.Rank, sample.Numbers);
            foreach (IPass pass in PassList.All)
                graph.Run(pass);
        }, iter: 100);

    [Fact]
    public void Every_pass_alone_keeps_what_a_random_graph_computes() =>
        Gen.Select(Graphs, Gen.Int[0, PassList.All.Count - 1]).Sample(sample =>
            RandomGraph.Grow(sample.Item1.Rank, sample.Item1.Numbers).Run(PassList.All[sample.Item2]), iter: 100);
}
