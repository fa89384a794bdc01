using HybridConv.Graphs;
using HybridConv.Ops.Conv;
using HybridConv.Ops.Pad;
using HybridConv.Ops.Pool;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class FoldPadTests
{
    private static readonly long[] Spatial = [0, 0, 1, 2, 0, 0, 0, 1];

    private readonly SmallGraph graph = new();
    private readonly Value x;

    public FoldPadTests() => x = graph.Input("x", 1, 4, 5, 5);

    [Fact]
    public void Zeros_before_convolutions_and_averages()
    {
        Value padded = Pad(x, 0, Spatial);
        graph.Output(
            graph.Add("Conv", new ConvAttributes(null, null, null, [1, 1, 1, 1], 1, AutoPad.NotSet), padded, graph.Constant(2, 4, 3, 3)),
            graph.Add("AveragePool", Pool, padded));
        PassReport report = graph.Run(new FoldPad());
        Assert.Equal(2, report.Changes.Count);
        graph.Run(new RemoveDeadCode());
        Assert.Equal("Conv AveragePool", graph.Ops);
    }

    [Fact]
    public void Minus_infinity_before_maxima()
    {
        graph.Output(graph.Add("MaxPool", Pool, Pad(x, float.NegativeInfinity, Spatial)));
        graph.Run(new FoldPad());
        graph.Run(new RemoveDeadCode());
        Assert.Equal("MaxPool", graph.Ops);
    }

    [Theory]
    [InlineData("MaxPool", 0f)]
    [InlineData("AveragePool", 1f)]
    public void Declines_another_value(string pool, float value)
    {
        graph.Output(graph.Add(pool, Pool, Pad(x, value, Spatial)));
        Assert.Equal($"Pad0: {pool}1 ({pool}) does not pad with {value}", Assert.Single(graph.Run(new FoldPad()).Declined));
    }

    [Fact]
    public void Declines_padded_channels_and_cropping()
    {
        graph.Output(
            graph.Add("AveragePool", Pool, Pad(x, 0, [0, 1, 1, 1, 0, 0, 1, 1])),
            graph.Add("AveragePool", Pool, Pad(x, 0, [0, 0, 1, 1, 0, 0, -1, 1])));
        Assert.Equal(
            ["Pad0: the pads [0,1,1,1,0,0,1,1] add images or channels", "Pad2: the pads [0,0,1,1,0,0,-1,1] remove elements"],
            graph.Run(new FoldPad()).Declined);
    }

    [Fact]
    public void Declines_mirrored_edges()
    {
        Value padded = graph.Add("Pad", new PadAttributes(PadMode.Reflect, Spatial, ElementType.Float32, 0), x);
        graph.Output(graph.Add("AveragePool", Pool, padded));
        Assert.Equal("Pad0: its mode is Reflect", Assert.Single(graph.Run(new FoldPad()).Declined));
    }

    private static PoolAttributes Pool => new([2, 2], null, null, null, AutoPad.NotSet, CeilMode: false);

    private Value Pad(Value value, float with, long[] pads) =>
        graph.Add("Pad", new PadAttributes(PadMode.Constant, pads, ElementType.Float32, BitConverter.SingleToUInt32Bits(with)), value);
}
