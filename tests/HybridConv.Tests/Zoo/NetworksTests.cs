using HybridConv.Cli;
using HybridConv.Zoo;
using Xunit;

namespace HybridConv.Tests.Zoo;

public class NetworksTests
{
    [Theory]
    [InlineData("squeezenet1.1", 1_235_496)]
    [InlineData("mobilenetv2", 3_504_872)]
    [InlineData("resnet18", 11_689_512)]
    public void Networks_have_exactly_the_published_number_of_parameters(string name, long parameters)
    {
        using Model model = Networks.Find(name)!.Build(new ZooOptions());
        Assert.Equal(parameters, Parameters.Count(model.Graph));
    }

    [Fact]
    public void Every_network_takes_the_asked_batch_size_and_classes()
    {
        Assert.All(Networks.All, network =>
        {
            using Model model = network.Build(new ZooOptions { Batch = 3, Size = (160, 192), Classes = 7 });
            Assert.Equal([3L, 3, 160, 192], Assert.Single(model.Inputs).Dimensions!.Select(dim => dim.Size));
            Assert.Equal([3L, 7], Assert.Single(model.Outputs).Dimensions!.Select(dim => dim.Size));
            Assert.Equal(network.Name, model.Name);
        });
    }

    [Fact]
    public void Outputs_are_finite_and_varied()
    {
        Assert.All(Networks.All, network =>
        {
            using Model model = network.Build(new ZooOptions { Size = 64, Classes = 20 });
            using Session session = model.Compile(new SessionOptions { Target = "cpu" });
            float[] picture = [.. Enumerable.Range(0, 3 * 64 * 64).Select(i => MathF.Sin(i))];
            float[] scores = session.Run(picture);
            Assert.All(scores, score => Assert.True(float.IsFinite(score)));
            Assert.True(scores.Distinct().Count() > 5, $"{network.Name}: {string.Join(' ', scores)}");
        });
    }

    [Fact]
    public void Seeds_decide_the_weights()
    {
        float[] FirstWeights(int seed)
        {
            using Model model = Networks.SqueezeNet11(new ZooOptions { Seed = seed });
            return model.Graph.Nodes[0].Input(1).Constant!.ToArray<float>();
        }

        Assert.Equal(FirstWeights(1), FirstWeights(1));
        Assert.NotEqual(FirstWeights(1), FirstWeights(2));
    }
}
