using HybridConv.Graphs;
using HybridConv.Ops.Concat;
using HybridConv.Ops.Conv;
using HybridConv.Planning;
using HybridConv.Tests.Passes;
using Xunit;

namespace HybridConv.Tests.Planning;

public class SpecTextTests
{
    private static string Conv(string image, long stride = 1, bool bias = true, Func<Value, TensorView>? view = null)
    {
        var graph = new SmallGraph();
        Value x = graph.Input(image, 1, 4, 8, 8);
        x.View = view?.Invoke(x);
        Node node = graph.AddNode("Conv", new ConvAttributes(null, [stride, stride], null, null, 1, AutoPad.SameUpper), 1, x, graph.Constant(6, 4, 3, 3), bias ? graph.Constant(6) : null);
        return SpecText.Of(node);
    }

    [Fact]
    public void Names_and_numbers_have_no_part_in_it() => Assert.Equal(Conv("x"), Conv("another name"));

    [Fact]
    public void What_kernels_depend_on_is_in_it() => Assert.Equal(4, new[]
    {
        Conv("x"), Conv("x", stride: 2), Conv("x", bias: false), Conv("x", view: _ => TensorView.Dense(new Shape(1, 4, 8, 9)).Window(3, 0, 8)),
    }.Distinct().Count());

    [Fact]
    public void It_reads_the_same_on_every_machine() => Assert.Equal(
        "Conv(float32[1,4,8,8], constant float32[6,4,3,3], constant float32[6]) -> float32[1,6,8,8] " +
        "Activation=None AutoPad=NotSet ChannelsLast=False Dilations=[1,1] Group=1 InputActivation=None KernelShape=[3,3] Pads=[1,1,1,1] Parts=- Strides=[1,1]", Conv("x"));

    [Fact]
    public void However_many_operands_there_are_it_is_short()
    {
        string Concat(int operands, long lastChannels)
        {
            var graph = new SmallGraph();
            Value[] parts = [.. Enumerable.Range(0, operands).Select(i => graph.Input($"x{i}", 1, i == operands - 1 ? lastChannels : 1, 4, 4))];
            return SpecText.Of(graph.AddNode("Concat", new ConcatAttributes(1), 1, parts));
        }
        Assert.Equal(SpecText.MaxLength, Concat(1000, 1).Length);
        Assert.Equal(Concat(1000, 1), Concat(1000, 1));
        Assert.NotEqual(Concat(1000, 1), Concat(1000, 2));
    }
}
