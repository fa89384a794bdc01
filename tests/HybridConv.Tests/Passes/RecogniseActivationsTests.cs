using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class RecogniseActivationsTests
{
    private readonly SmallGraph graph = new();
    private readonly Value x;

    public RecogniseActivationsTests() => x = graph.Input("x", 1, 4, 5, 5);

    [Fact]
    public void Hard_swish_in_its_orders()
    {
        Value sixth = graph.Scalar(1f / 6), six = graph.Constant(new Shape(1), 6);
        Value Gate() => Clip(Binary("Add", x, graph.Scalar(3)), 0, 6);
        graph.Output(
            Binary("Mul", x, Binary("Div", Gate(), six)),
            Binary("Mul", Binary("Div", Gate(), six), x),
            Binary("Div", Binary("Mul", x, Gate()), six),
            Binary("Mul", Binary("Mul", Gate(), x), sixth),
            Binary("Mul", sixth, Binary("Mul", x, Gate())),
            Binary("Mul", x, Binary("Mul", sixth, Gate())),
            Binary("Mul", Binary("Mul", x, sixth), Gate()),
            Binary("Mul", x, Clip(Binary("Add", Binary("Div", x, six), graph.Scalar(0.5f)), 0, 1)),
            Binary("Mul", x, graph.Add("HardSigmoid", new UnaryAttributes<HardSigmoid>(new HardSigmoid(1f / 6, 0.5f)), x)));
        PassReport report = graph.Run(new RecogniseActivations());
        Assert.All(graph.Graph.Nodes, node => Assert.Equal("HardSwish", node.Op.Name));
        Assert.Equal(9, report.Changes.Count);
    }

    [Fact]
    public void Hard_sigmoid_in_its_orders()
    {
        Value six = graph.Scalar(6);
        graph.Output(
            Binary("Div", Clip(Binary("Add", x, graph.Scalar(3)), 0, 6), six),
            Binary("Mul", Clip(Binary("Sub", x, graph.Scalar(-3)), 0, 6), graph.Scalar(1f / 6)),
            Clip(Binary("Add", Binary("Mul", x, graph.Scalar(0.2f)), graph.Scalar(0.5f)), 0, 1));
        graph.Run(new RecogniseActivations());
        Assert.All(graph.Graph.Nodes, node => Assert.Equal("HardSigmoid", node.Op.Name));
    }

    [Fact]
    public void Min_and_max_with_numbers_are_clips()
    {
        Value Fold(string op, params Value[] operands) => graph.Add(op, new VariadicAttributes(), operands);
        graph.Output(
            Fold("Max", graph.Scalar(-1), Fold("Min", x, graph.Scalar(1))),
            Fold("Min", x, graph.Constant(4, 1, 1)),
            Fold("Max", x));
        graph.Run(new RecogniseActivations());
        Assert.Equal(["Clip", "Clip", "Max", "Min"], graph.Graph.Nodes.Select(node => node.Op.Name).Order());
    }

    [Fact]
    public void What_is_something_else_stays()
    {
        Value six = graph.Scalar(6);
        graph.Output(
            Clip(x, 0, 1),
            Binary("Mul", x, Clip(Binary("Add", x, graph.Scalar(3)), 0, 6)),
            Binary("Div", Clip(x, 1, 6), six),
            Binary("Div", six, Clip(Binary("Add", x, graph.Scalar(3)), 0, 6)),
            Binary("Mul", Clip(Binary("Add", x, graph.Scalar(3)), 0, 6), graph.Constant(1, 4, 1, 1)));
        Assert.Empty(graph.Run(new RecogniseActivations()).Changes);
    }

    [Fact]
    public void Inner_results_that_are_read_elsewhere_stay()
    {
        Value gate = Clip(Binary("Add", x, graph.Scalar(3)), 0, 6);
        graph.Output(Binary("Mul", x, Binary("Div", gate, graph.Scalar(6))), gate);
        Assert.Empty(graph.Run(new RecogniseActivations()).Changes);
    }

    [Fact]
    public void Broadcasting_is_not_an_activation()
    {
        graph.Output(Binary("Mul", Clip(Binary("Add", graph.Input("y", 5), graph.Scalar(3)), 0, 6), graph.Constant(new Shape(1, 1), 1f / 6)));
        Assert.Empty(graph.Run(new RecogniseActivations()).Changes);
    }

    private Value Binary(string op, Value a, Value b) => graph.Add(op, new BinaryAttributes(), a, b);

    private Value Clip(Value value, float min, float max) => graph.Add("Clip", ClipAttributes.None with { Min = min, Max = max }, value);
}
