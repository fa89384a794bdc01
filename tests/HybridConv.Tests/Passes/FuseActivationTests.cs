using HybridConv.Graphs;
using HybridConv.Ops;
using HybridConv.Ops.Elementwise;
using HybridConv.Ops.MatMul;
using HybridConv.Ops.Reshape;
using HybridConv.Passes;
using Xunit;

namespace HybridConv.Tests.Passes;

public class FuseActivationTests
{
    private readonly SmallGraph graph = new();
    private readonly Value x;

    public FuseActivationTests() => x = graph.Input("x", 1, 4, 5, 5);

    public static TheoryData<string> Activations => ["Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "HardSwish", "Swish", "Mish", "Gelu", "Clip"];

    [Theory]
    [MemberData(nameof(Activations))]
    public void Every_activation_is_fused(string activation)
    {
        graph.Output(Activate(activation, graph.Conv(x, 4, 3)));
        graph.Run(new FuseActivation());
        Assert.Equal("Conv", graph.Ops);
        Assert.False(((IFusesActivation)graph.Graph.Nodes[0].Op).GetActivation(graph.Graph.Nodes[0].Attributes).IsNone);
    }

    [Fact]
    public void Says_what_it_did()
    {
        graph.Output(Activate("Swish", graph.Conv(x, 4, 3)));
        PassReport report = graph.Run(new FuseActivation());
        Assert.Equal("Conv0 (Conv) ends in Silu in place of Swish1 (Swish)", Assert.Single(report.Changes));
        Assert.Empty(report.Declined);
    }

    [Fact]
    public void A_change_of_shape_may_stand_between()
    {
        Value a = graph.Add("MatMul", new MatMulAttributes(), graph.Add("Reshape", new ReshapeAttributes([4, 25]), x), graph.Constant(25, 3));
        graph.Output(Activate("Relu", graph.Add("Reshape", new ReshapeAttributes([2, 6]), a)));
        graph.Run(new FuseActivation());
        Assert.Equal("Reshape MatMul Reshape", graph.Ops);
    }

    [Fact]
    public void Declines_a_result_with_other_readers_and_an_output_of_the_graph()
    {
        Value a = graph.Conv(x, 4, 3), b = graph.Conv(x, 4, 1);
        graph.Output(Activate("Relu", a), Activate("Sigmoid", a), Activate("Relu", b), b);
        PassReport report = graph.Run(new FuseActivation());
        Assert.Equal(["Relu2: 'conv0' has other readers", "Sigmoid3: 'conv0' has other readers", "Relu4: 'conv1' is an output of the graph"], report.Declined);
    }

    [Theory]
    [InlineData(-1, 2, 0, 6)]
    [InlineData(0, 6, -1, 2)]
    [InlineData(0, 1, 2, 3)]
    [InlineData(2, 3, 0, 1)]
    public void A_clamp_after_a_clamp_is_one(float a, float b, float c, float d)
    {
        Value v = graph.Add("Clip", ClipAttributes.None with { Min = a, Max = b }, graph.Conv(x, 4, 3));
        graph.Output(graph.Add("Clip", ClipAttributes.None with { Min = c, Max = d }, v));
        graph.Run(new FuseActivation());
        Assert.Equal("Conv", graph.Ops);
    }

    [Fact]
    public void Declines_a_second_activation()
    {
        graph.Output(Activate("Sigmoid", Activate("Relu", graph.Conv(x, 4, 3))));
        Assert.Equal("Sigmoid2: Conv0 (Conv) ends in Relu already", Assert.Single(graph.Run(new FuseActivation()).Declined));
        Assert.Equal("Conv Sigmoid", graph.Ops);
    }

    private Value Activate(string activation, Value value) => graph.Add(activation, activation switch
    {
        "Relu" => new UnaryAttributes<Relu>(default),
        "LeakyRelu" => new UnaryAttributes<LeakyRelu>(new LeakyRelu(0.1f)),
        "Sigmoid" => new UnaryAttributes<Sigmoid>(default),
        "HardSigmoid" => new UnaryAttributes<HardSigmoid>(new HardSigmoid(0.2f, 0.5f)),
        "HardSwish" => new UnaryAttributes<HardSwish>(default),
        "Swish" => new UnaryAttributes<Swish>(new Swish(1)),
        "Mish" => new UnaryAttributes<Mish>(default),
        "Gelu" => new UnaryAttributes<Gelu>(new Gelu(Approximate: true)),
        _ => ClipAttributes.None with { Min = 0, Max = 6 },
    }, value);
}
