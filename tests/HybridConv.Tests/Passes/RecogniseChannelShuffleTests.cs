using HybridConv.Graphs;
using HybridConv.Ops.Reshape;
using HybridConv.Ops.Transpose;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class RecogniseChannelShuffleTests
{
    private readonly SmallGraph graph = new();
    private readonly Value x;

    public RecogniseChannelShuffleTests() => x = graph.Input("x", 2, 6, 4, 5);

    [Fact]
    public void Three_nodes_become_one()
    {
        graph.Output(Reshape(Transpose(Reshape(x, 2, 3, 2, 4, 5), 0, 2, 1, 3, 4), 2, 6, 4, 5));
        PassReport report = graph.Run(new RecogniseChannelShuffle());
        Assert.Equal("ChannelShuffle", graph.Ops);
        Assert.Equal("Reshape0 (Reshape), Transpose1 (Transpose) and Reshape2 (Reshape) shuffle 3 groups of axis 1", Assert.Single(report.Changes));
    }

    [Fact]
    public void Channels_may_be_the_last_axis()
    {
        graph.Output(Reshape(Transpose(Reshape(graph.Input("y", 2, 4, 6), 2, 4, 2, 3), 0, 1, 3, 2), 2, 4, 6));
        graph.Run(new RecogniseChannelShuffle());
        Assert.Equal("ChannelShuffle", graph.Ops);
    }

    [Fact]
    public void Other_permutations_stay()
    {
        graph.Output(Reshape(Transpose(Reshape(x, 2, 3, 2, 4, 5), 0, 1, 2, 4, 3), 2, 6, 4, 5));
        graph.Run(new RecogniseChannelShuffle());
        Assert.Equal("Reshape Transpose Reshape", graph.Ops);
    }

    [Fact]
    public void Declines_another_shape_and_other_readers()
    {
        Value cut = Reshape(x, 2, 3, 2, 4, 5);
        graph.Output(Reshape(Transpose(Reshape(x, 2, 3, 2, 4, 5), 0, 2, 1, 3, 4), 2, 120), Reshape(Transpose(cut, 0, 2, 1, 3, 4), 2, 6, 4, 5), cut);
        PassReport report = graph.Run(new RecogniseChannelShuffle());
        Assert.Equal(2, report.Declined.Count);
        Assert.Empty(report.Changes);
    }

    private Value Reshape(Value value, params long[] shape) => graph.Add("Reshape", new ReshapeAttributes(shape), value);

    private Value Transpose(Value value, params int[] permutation) => graph.Add("Transpose", new TransposeAttributes(permutation), value);
}
