using HybridConv.Graphs;
using HybridConv.Ops.Elementwise;
using HybridConv.Passes;
using HybridConv.Testing;
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
    public void Swish_in_its_orders()
    {
        graph.Output(
            Binary("Mul", x, Sigmoid(x)),
            Binary("Mul", Sigmoid(x), x),
            Binary("Mul", x, Sigmoid(Binary("Mul", x, graph.Scalar(1.702f)))),
            Binary("Mul", Sigmoid(Binary("Div", x, graph.Scalar(0.5f))), x));
        PassReport report = graph.Run(new RecogniseActivations());
        Assert.Equal([1, 1, 1.702f, 2], graph.Graph.Nodes.Select(node => ((UnaryAttributes<Swish>)node.Attributes).Function.Scale).Order());
        Assert.Equal(4, report.Changes.Count);
    }

    [Fact]
    public void Gelu_in_its_orders()
    {
        Value half = graph.Scalar(0.5f), one = graph.Scalar(1), root = graph.Scalar(1.4142f), inverse = graph.Scalar(0.7071f);
        Value Erf(string op, Value scale) => graph.Add("Erf", new UnaryAttributes<Erf>(default), Binary(op, x, scale));
        graph.Output(
            Binary("Mul", Binary("Mul", x, half), Binary("Add", one, Erf("Div", root))),
            Binary("Mul", half, Binary("Mul", x, Binary("Add", Erf("Mul", inverse), one))),
            Binary("Mul", Binary("Mul", x, Binary("Add", Erf("Div", root), one)), half),
            Binary("Mul", x, Binary("Mul", half, Binary("Add", one, Erf("Mul", inverse)))),
            Binary("Mul", x, Binary("Add", half, Binary("Mul", half, Erf("Mul", inverse)))),
            Binary("Div", Binary("Mul", Binary("Sub", Erf("Div", root), graph.Scalar(-1)), x), graph.Scalar(2)));
        graph.Run(new RecogniseActivations());
        Assert.Equal(6, graph.Graph.Nodes.Count);
        Assert.All(graph.Graph.Nodes, node => Assert.Equal(new Gelu(Approximate: false), ((UnaryAttributes<Gelu>)node.Attributes).Function));
    }

    [Fact]
    public void The_approximation_of_Gelu_in_its_orders()
    {
        Value half = graph.Scalar(0.5f), one = graph.Scalar(1), linear = graph.Scalar(0.7978846f), cubic = graph.Scalar(0.044715f);
        Value Gelu(Value argument) =>
            Binary("Mul", Binary("Mul", half, x), Binary("Add", one, graph.Add("Tanh", new UnaryAttributes<Tanh>(default), argument)));
        Value Scaled(Value cube) => Binary("Mul", linear, Binary("Add", x, Binary("Mul", cubic, cube)));
        graph.Output(
            Gelu(Scaled(Binary("Pow", x, graph.Scalar(3)))),
            Gelu(Scaled(Binary("Pow", x, Value.Of(Tensor.From([3L], Shape.Scalar, "three"), "three")))),
            Gelu(Scaled(Binary("Mul", x, Binary("Mul", x, x)))),
            Gelu(Scaled(Binary("Mul", Binary("Pow", x, graph.Scalar(2)), x))),
            Gelu(Binary("Mul", Binary("Mul", x, linear), Binary("Add", one, Binary("Mul", Binary("Mul", cubic, x), x)))));
        graph.Run(new RecogniseActivations());
        Assert.Equal(5, graph.Graph.Nodes.Count);
        Assert.All(graph.Graph.Nodes, node => Assert.Equal(new Gelu(Approximate: true), ((UnaryAttributes<Gelu>)node.Attributes).Function));
    }

    [Fact]
    public void Mish_in_its_orders()
    {
        Value Tanh(Value value) => graph.Add("Tanh", new UnaryAttributes<Tanh>(default), value);
        graph.Output(
            Binary("Mul", x, Tanh(Softplus(x))),
            Binary("Mul", Tanh(Softplus(x)), x),
            Binary("Mul", x, Tanh(SpelledSoftplus(x, graph.Scalar(1)))));
        graph.Run(new RecogniseActivations());
        Assert.Equal("Mish Mish Mish", graph.Ops);
    }

    [Fact]
    public void Softplus_is_a_logarithm()
    {
        graph.Output(SpelledSoftplus(x, graph.Scalar(1)), SpelledSoftplus(x, graph.Scalar(2)), SpelledSoftplus(x, graph.Constant(1, 1, 1, 1, 5)));
        Assert.Equal("Log2 (Log) and what leads to it are Softplus of 'x'", Assert.Single(graph.Run(new RecogniseActivations()).Changes));
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
        Value six = graph.Scalar(6), y = graph.Input("y", 1, 4, 5, 5);
        graph.Output(
            Clip(x, 0, 1),
            Binary("Mul", x, Clip(Binary("Add", x, graph.Scalar(3)), 0, 6)),
            Binary("Div", Clip(x, 1, 6), six),
            Binary("Div", six, Clip(Binary("Add", x, graph.Scalar(3)), 0, 6)),
            Binary("Mul", Clip(Binary("Add", x, graph.Scalar(3)), 0, 6), graph.Constant(1, 4, 1, 1)),
            Binary("Mul", y, Sigmoid(x)),
            Binary("Mul", x, Sigmoid(Binary("Add", x, graph.Scalar(1)))),
            Binary("Mul", Binary("Mul", x, x), Sigmoid(x)),
            Binary("Mul", x, graph.Add("Tanh", new UnaryAttributes<Tanh>(default), Softplus(y))),
            Gelu(0.5f, 1, 0.7f),
            Gelu(0.5f, 2, 0.7071f),
            Gelu(1, 1, 0.7071f));
        PassReport report = graph.Run(new RecogniseActivations());
        Assert.Empty(report.Changes);
        Assert.Empty(report.Declined);

        Value Gelu(float half, float one, float scale) => Binary("Mul", Binary("Mul", x, graph.Scalar(half)),
            Binary("Add", graph.Scalar(one), graph.Add("Erf", new UnaryAttributes<Erf>(default), Binary("Mul", x, graph.Scalar(scale)))));
    }

    [Theory]
    [InlineData(1e30f, 1e30f), InlineData(1e-30f, 1e-30f), InlineData(0f, 1f)]
    public void Factors_that_no_float_holds_stay(float a, float b)
    {
        Value Scaled() => Binary("Mul", Binary("Mul", x, graph.Scalar(a)), graph.Scalar(b));
        graph.Output(
            Binary("Mul", x, Sigmoid(Scaled())),
            Clip(Binary("Add", Scaled(), graph.Scalar(0.5f)), 0, 1),
            Binary("Mul", Clip(Binary("Add", Scaled(), graph.Scalar(0.5f)), 0, 2), graph.Scalar(0.5f)));
        PassReport report = graph.Run(new RecogniseActivations());
        Assert.Empty(report.Changes);
        Assert.Empty(report.Declined);
    }

    [Fact]
    public void Infinite_numbers_stay()
    {
        Value infinity = graph.Scalar(float.PositiveInfinity), large = graph.Scalar(1e30f);
        graph.Output(
            Clip(Binary("Add", Binary("Mul", x, graph.Scalar(0.2f)), infinity), 0, 1),
            Clip(Binary("Add", Binary("Mul", x, graph.Scalar(0.2f)), Binary("Mul", large, large)), 0, 1),
            Binary("Mul", x, Sigmoid(Binary("Mul", x, infinity))),
            Binary("Mul", x, Sigmoid(Binary("Mul", x, graph.Scalar(float.NaN)))),
            graph.Add("Min", new VariadicAttributes(), x, infinity));
        Assert.Empty(graph.Run(new RecogniseActivations()).Changes);
    }

    /// <summary>At 0 the gate is 1/2 and the product 0, however large the factors between them become.</summary>
    [Fact]
    public void A_steep_gate_is_finite_in_a_session()
    {
        using Model model = Model.Load(new OnnxFile().Input("x", ElementType.Float32, 3).Output("y", ElementType.Float32).Floats("f", [1], [1e30f])
            .Node("Mul", ["x", "f"], ["a"]).Node("Mul", ["a", "f"], ["b"]).Node("Sigmoid", ["b"], ["g"]).Node("Mul", ["x", "g"], ["y"]).ToArray());
        using Session session = model.Compile(new SessionOptions { Threads = 1 });
        Assert.Equal([0f, 1, 0], session.Run([-1f, 1, 0]));
    }

    [Fact]
    public void Inner_results_that_are_read_elsewhere_stay()
    {
        Value gate = Clip(Binary("Add", x, graph.Scalar(3)), 0, 6);
        graph.Output(Binary("Mul", x, Binary("Div", gate, graph.Scalar(6))), gate);
        Assert.Empty(graph.Run(new RecogniseActivations()).Changes);
    }

    [Fact]
    public void Declines_a_gate_with_other_readers()
    {
        Value sigmoid = Sigmoid(x), clip = Clip(Binary("Add", x, graph.Scalar(3)), 0, 6);
        graph.Output(Binary("Mul", x, sigmoid), sigmoid, Binary("Mul", Binary("Div", clip, graph.Scalar(6)), x), Binary("Add", clip, x));
        PassReport report = graph.Run(new RecogniseActivations());
        Assert.Empty(report.Changes);
        Assert.Equal(
            [
                "Mul5: 'clip2', a part of HardSwish, has other readers",
                "Div4: 'clip2', a part of HardSigmoid, has other readers",
                "Mul3: 'sigmoid0', a part of Swish, has other readers",
            ],
            report.Declined);
    }

    [Fact]
    public void Broadcasting_is_not_an_activation()
    {
        graph.Output(Binary("Mul", Clip(Binary("Add", graph.Input("y", 5), graph.Scalar(3)), 0, 6), graph.Constant(new Shape(1, 1), 1f / 6)));
        Assert.Empty(graph.Run(new RecogniseActivations()).Changes);
    }

    private Value Binary(string op, Value a, Value b) => graph.Add(op, new BinaryAttributes(), a, b);

    private Value Sigmoid(Value value) => graph.Add("Sigmoid", new UnaryAttributes<Sigmoid>(default), value);

    private Value Softplus(Value value) => graph.Add("Softplus", new UnaryAttributes<Softplus>(default), value);

    private Value SpelledSoftplus(Value value, Value one) =>
        graph.Add("Log", new UnaryAttributes<Log>(default), Binary("Add", one, graph.Add("Exp", new UnaryAttributes<Exp>(default), value)));

    private Value Clip(Value value, float min, float max) => graph.Add("Clip", ClipAttributes.None with { Min = min, Max = max }, value);
}
