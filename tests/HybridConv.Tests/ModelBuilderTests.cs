using HybridConv.Graphs;
using Xunit;

namespace HybridConv.Tests;

public sealed class ModelBuilderTests
{
    [Fact]
    public void Layers_know_their_shapes_and_names()
    {
        var net = new ModelBuilder(name: "small");
        NetValue x = net.Input("x", 1, 8, 10, 12);
        NetValue pooled = x.MaxPool(3, 2).Relu();
        Assert.Equal([1, 8, 4, 5], pooled.Shape);
        Assert.Equal(8, pooled.Channels);
        using (net.Scope("block"))
        using (net.Scope("inner"))
            Assert.Equal("block/inner/relu1", pooled.Relu().Name);
        Assert.Equal("relu2", pooled.Relu().Name);
        Assert.Equal("mine", pooled.Relu("mine").Name);
        Assert.Equal([1, 16, 4, 5], net.Concat([pooled, pooled]).Shape);
    }

    [Fact]
    public void A_model_has_the_layers_inputs_and_outputs_that_were_written()
    {
        var net = new ModelBuilder(name: "small");
        net.Input("x", 1, 8, 10, 12).GlobalAveragePool().Flatten().Softmax().Output("p");
        using Model model = net.Build();
        Assert.Equal("small", model.Name);
        Assert.Equal("x: float32[1,8,10,12]", Assert.Single(model.Inputs).ToString());
        Assert.Equal("p: float32[1,8]", Assert.Single(model.Outputs).ToString());
        Assert.Equal(["GlobalAveragePool", "Flatten", "Softmax", "Identity"], model.Graph.Nodes.Select(node => node.Op.Name));
    }

    [Fact]
    public void A_picture_can_be_resized_by_a_factor_and_to_a_size()
    {
        var net = new ModelBuilder();
        NetValue x = net.Input("x", 1, 1, 1, 2);
        x.ResizeBy(2).Output("doubled");
        x.ResizeTo((1, 4), ResizeMode.Linear).Output("wide");
        using Model model = net.Build();
        using Session session = model.Compile();
        using Run run = session.CreateRun();
        new float[] { 1, 3 }.CopyTo(run.Input<float>(0));
        run.Execute();
        Assert.Equal([1, 1, 3, 3, 1, 1, 3, 3], run.Output<float>("doubled").ToArray());
        Assert.Equal([1, 1.5f, 2.5f, 3], run.Output<float>("wide").ToArray());
    }

    [Fact]
    public void An_open_batch_is_open_in_the_outputs_that_follow_it()
    {
        var net = new ModelBuilder();
        NetValue x = net.Input("x", Dimension.Open("N"), 8, 4, 4);
        x.Relu().Output("a");
        x.Transpose([1, 2, 3, 0]).Output("b");
        using Model model = net.Build();
        Assert.Equal(["a: float32[N,8,4,4]", "b: float32[8,4,4,N]"], model.Outputs.Select(output => output.ToString()));
    }

    [Fact]
    public void Only_the_batch_may_be_open()
    {
        var net = new ModelBuilder();
        Assert.Contains("Axis 2", Assert.Throws<ArgumentException>(() => net.Input("x", 1, 3, Dimension.Open("H"), 8)).Message);
    }

    [Fact]
    public void Mistakes_are_found_where_they_are_made()
    {
        var net = new ModelBuilder();
        NetValue x = net.Input("x", 1, 8, 4, 4), y = net.Input("y", 1, 8, 5, 5);
        Assert.Throws<ShapeException>(() => x.Add(y));
        Assert.Throws<ShapeException>(() => x.Split(3));
        Assert.Throws<ArgumentException>(() => net.Input("x", 1));
        Assert.Throws<ArgumentException>(() => x.Relu("x"));
        Assert.Throws<ArgumentException>(() => new ModelBuilder().Concat([x, y]));
        Assert.Throws<InvalidOperationException>(() => default(NetValue).Relu());
        Assert.Throws<InvalidOperationException>(net.Build);
    }

    [Fact]
    public void Seeded_weights_depend_on_seed_and_name_only()
    {
        Tensor w = SeededWeights.Uniform(new Shape(16, 8), "w", 1, 0, 0.5f);
        Assert.Equal(w.ToArray<float>(), SeededWeights.Uniform(new Shape(16, 8), "w", 1, 0, 0.5f).ToArray<float>());
        Assert.NotEqual(w.ToArray<float>(), SeededWeights.Uniform(new Shape(16, 8), "w", 2, 0, 0.5f).ToArray<float>());
        Assert.NotEqual(w.ToArray<float>(), SeededWeights.Uniform(new Shape(16, 8), "v", 1, 0, 0.5f).ToArray<float>());
        Assert.All(w.ToArray<float>(), x => Assert.InRange(x, -0.5f, 0.5f));
    }

    [Fact]
    public void Seeded_weights_have_the_mean_and_variance_of_the_uniform_distribution()
    {
        float[] w = SeededWeights.Uniform(new Shape(100_000), "w", 7, 1, 0.25f).ToArray<float>();
        double mean = w.Average(x => (double)x), variance = w.Average(x => (x - mean) * (x - mean));
        Assert.InRange(mean, 0.998, 1.002);
        Assert.InRange(variance, 0.0625 / 3 * 0.98, 0.0625 / 3 * 1.02);
    }

    [Fact]
    public void Seeded_weights_never_change()
    {
        float[] w = SeededWeights.Uniform(new Shape(4), "conv1.weight", 0, 0, 1).ToArray<float>();
        Assert.Equal([3194765784u, 3204364980, 1040637064, 1060558330], w.Select(BitConverter.SingleToUInt32Bits));
    }
}
