using HybridConv.Graphs;
using HybridConv.Ops.Concat;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class ChainConcatsTests
{
    private readonly SmallGraph graph = new();
    private readonly Value a, b, c, d;

    public ChainConcatsTests()
    {
        a = graph.Input("a", 2, 3, 4, 4);
        b = graph.Input("b", 2, 1, 4, 4);
        c = graph.Input("c", 2, 5, 4, 4);
        d = graph.Input("d", 2, 2, 4, 4);
    }

    [Fact]
    public void Each_goes_on_where_the_longest_beginning_ends()
    {
        Value two = Concat(1, a, b), three = Concat(1, a, b, c), four = Concat(1, a, b, c, d);
        graph.Output(two, three, four);
        Assert.Equal(2, graph.Run(new ChainConcats()).Changes.Count);
        Assert.Equal([two, c], three.Producer!.Inputs);
        Assert.Equal([three, d], four.Producer!.Inputs);
    }

    [Fact]
    public void Other_beginnings_and_other_axes_stay()
    {
        Value across = Concat(1, a, a), along = Concat(2, a, a, a), other = Concat(1, b, a), equal = Concat(1, a, a);
        graph.Output(across, along, other, equal);
        Assert.Empty(graph.Run(new ChainConcats()).Changes);
    }

    private Value Concat(int axis, params Value[] parts) => graph.Add("Concat", new ConcatAttributes(axis), parts);
}
