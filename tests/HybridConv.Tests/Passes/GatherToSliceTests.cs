using HybridConv.Graphs;
using HybridConv.Ops.Gather;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class GatherToSliceTests
{
    private readonly SmallGraph graph = new();
    private readonly Value x;

    public GatherToSliceTests() => x = graph.Input("x", 2, 5, 3);

    [Theory]
    [InlineData(2)]
    [InlineData(-1)]
    [InlineData(2, 1, 0)]
    [InlineData(4, 2, 0)]
    [InlineData(-4, -2)]
    [InlineData(0, 1, 2, 3, -1)]
    public void Evenly_spaced_positions_are_a_slice(params int[] positions)
    {
        graph.Output(Gather(positions, positions.Length));
        graph.Run(new GatherToSlice());
        Assert.Equal("Slice", graph.Ops);
    }

    [Fact]
    public void A_position_without_an_axis_is_a_slice_and_a_reshape()
    {
        graph.Output(Gather([3]));
        graph.Run(new GatherToSlice());
        Assert.Equal("Slice Reshape", graph.Ops);
    }

    [Fact]
    public void Others_stay()
    {
        graph.Output(Gather([0, 1, 3], 3), Gather([1, 1], 2), Gather([0, 1, 2, 3], 2, 2));
        PassReport report = graph.Run(new GatherToSlice());
        Assert.Equal("Gather Gather Gather", graph.Ops);
        Assert.Equal(["Gather0: the positions are not evenly spaced", "Gather1: the positions are not evenly spaced", "Gather2: the positions are [2,2]"], report.Declined);
    }

    private Value Gather(int[] positions, params long[] shape)
    {
        Tensor indices = Tensor.From(Array.ConvertAll(positions, position => (long)position), new Shape(shape), "positions " + string.Join(',', positions));
        return graph.Add("Gather", new GatherAttributes(1), x, Value.Of(indices, indices.Origin));
    }
}
