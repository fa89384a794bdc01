using HybridConv.Cli;
using HybridConv.Graphs;
using HybridConv.Planning;
using HybridConv.Testing;
using HybridConv.Tools.Data;
using HybridConv.Zoo;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Xunit;
using OrtSessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;
using Tensor = HybridConv.Graphs.Tensor;

namespace HybridConv.Tests.Zoo;

/// <summary>Every network of the zoo against its publication, against the reference and against ONNX Runtime.</summary>
public class NetworksTests
{
    public static TheoryData<string> Names => [.. Networks.All.Select(network => network.Name)];

    [Theory]
    [InlineData("resnet18", 11_689_512)]
    [InlineData("resnet34", 21_797_672)]
    [InlineData("resnet50", 25_557_032)]
    [InlineData("mobilenetv1", 4_231_976)]
    [InlineData("mobilenetv2", 3_504_872)]
    [InlineData("mobilenetv3-small", 2_542_856)]
    [InlineData("mobilenetv3-large", 5_483_032)]
    [InlineData("squeezenet1.0", 1_248_424)]
    [InlineData("squeezenet1.1", 1_235_496)]
    [InlineData("googlenet", 6_624_904)]
    [InlineData("inceptionv3", 23_834_568)]
    [InlineData("nin-cifar10", 966_986)]
    [InlineData("nin-imagenet", 7_595_176)]
    [InlineData("vgg16", 138_357_544)]
    [InlineData("densenet121", 7_978_856)]
    [InlineData("efficientnet-b0", 5_288_548)]
    [InlineData("shufflenetv2", 2_278_604)]
    public void Networks_have_exactly_the_published_number_of_parameters(string name, long parameters)
    {
        using Model model = Build(name, new ZooOptions());
        Assert.Equal(parameters, Parameters.Count(model.Graph));
    }

    /// <summary>In millions: the papers' for MobileNet, torchvision's for the others.</summary>
    [Theory]
    [InlineData("resnet18", 1_814)]
    [InlineData("resnet34", 3_664)]
    [InlineData("resnet50", 4_089)]
    [InlineData("mobilenetv1", 569)]
    [InlineData("mobilenetv2", 301)]
    [InlineData("mobilenetv3-small", 56.5)]
    [InlineData("mobilenetv3-large", 217)]
    [InlineData("squeezenet1.0", 819)]
    [InlineData("squeezenet1.1", 349)]
    [InlineData("googlenet", 1_498)]
    [InlineData("inceptionv3", 5_713)]
    [InlineData("vgg16", 15_470)]
    [InlineData("densenet121", 2_834)]
    [InlineData("efficientnet-b0", 386)]
    [InlineData("shufflenetv2", 145)]
    public void Networks_do_the_published_amount_of_work(string name, double millions)
    {
        using Model model = Build(name, new ZooOptions());
        var shapes = model.Inputs.ToDictionary(input => input.Name, input => new Shape([.. input.Dimensions!.Select(dim => dim.Size)]));
        Graph graph = new Specialisation(shapes, new Dictionary<string, Tensor>(), long.MaxValue).Apply(model.Graph);
        double macs = graph.Nodes.Where(node => node.Op.Name is "Conv" or "Gemm").Sum(node => node.Op.Cost(node).Macs) / 1e6;
        Assert.InRange(macs, 0.99 * millions, 1.01 * millions);
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

    /// <summary>Means over the map stand between the convolutions and the dense layers, or the dense layers are convolutions: the weights do not depend on the picture.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Larger_pictures_than_the_networks_own_take_the_same_weights(string name)
    {
        using Model own = Build(name, new ZooOptions { Classes = 10 }), larger = Build(name, new ZooOptions { Classes = 10, Size = (320, 352) });
        Assert.Equal(Parameters.Count(own.Graph), Parameters.Count(larger.Graph));
        Assert.Equal([1L, 10], Assert.Single(larger.Outputs).Dimensions!.Select(dim => dim.Size));
    }

    /// <summary>On a map of 8x7, VGG's scores are the means of those that its dense layers give for both windows of 7x7.</summary>
    [Fact]
    public void Vgg_scores_of_a_larger_picture_agree_with_the_reference()
    {
        using Model model = Build("vgg16", new ZooOptions { Classes = 3, Size = (256, 224) });
        float[] picture = Picture(model, seed: 5);
        RequireAgreement(Scores(model, "cpu", picture), Scores(model, "cpu:reference", picture));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Outputs_are_finite_varied_and_depend_on_the_picture(string name)
    {
        using Model model = Small(name);
        float[] scores = Scores(model, "cpu", Picture(model, seed: 1)), others = Scores(model, "cpu", Picture(model, seed: 2));
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
        Assert.True(scores.Distinct().Count() >= 0.99 * scores.Length, $"{scores.Distinct().Count()} of {scores.Length} scores are different");
        double mean = scores.Average(), deviation = Math.Sqrt(scores.Average(score => (score - mean) * (score - mean)));
        Assert.InRange(deviation, 0.2, 10);
        double change = Math.Sqrt(scores.Zip(others, (a, b) => (a - b) * (a - b)).Average());
        Assert.True(change > 0.01 * deviation, $"another picture changes scores by {change}; their deviation is {deviation}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Outputs_agree_with_the_reference(string name)
    {
        using Model model = Small(name, classes: 100);
        float[] picture = Picture(model, seed: 3);
        RequireAgreement(Scores(model, "cpu", picture), Scores(model, "cpu:reference", picture));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void OnnxRuntime_reads_what_is_saved_and_gives_the_same_answer(string name)
    {
        using Model model = Small(name, classes: 100);
        float[] picture = Picture(model, seed: 4);
        using var file = new MemoryStream();
        model.Save(file);
        using var single = new OrtSessionOptions { IntraOpNumThreads = 1 };
        using var peer = new InferenceSession(file.ToArray(), single);
        var image = new DenseTensor<float>(picture, [.. model.Inputs[0].Dimensions!.Select(dim => (int)dim.Size)]);
        using var answer = peer.Run([NamedOnnxValue.CreateFromTensor(model.Inputs[0].Name, image)]);
        RequireAgreement(Scores(model, "cpu", picture), [.. Assert.Single(answer).AsTensor<float>()]);
    }

    /// <summary>
    /// Normalisations, activations, sums and concatenations cost no step, but for those that stand apart by nature or wait for a kernel that takes them in.
    /// </summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Plans_are_made_of_fast_kernels_and_nothing_that_could_be_part_of_one(string name)
    {
        using Model model = Small(name);
        using Session session = model.Compile(new SessionOptions { Target = "cpu" });
        using Run run = session.CreateRun();
        Step[] working = [.. run.Plan.Steps.Where(step => step.Kernel != Step.View)];
        Assert.DoesNotContain(working, step => step.Kernel.EndsWith(".reference", StringComparison.Ordinal));
        Assert.Equal("image/channels_last", Assert.Single(working, step => step.Node.Op.Name == "Transpose").Node.Name);
        string[] apart = name switch
        {
            // The last normalization: a pooling comes after it, which takes nothing in.
            "densenet121" => ["BatchNormalization"],
            "shufflenetv2" => ["ChannelShuffle", "Concat"],
            _ => [],
        };
        string[] all = ["Transpose", "Conv", "Gemm", "MaxPool", "AveragePool", "GlobalAveragePool", .. apart];
        Assert.All(working, step => Assert.Contains(step.Node.Op.Name, all));
        Assert.InRange(working.Count(step => step.Node.Op.Name == "BatchNormalization"), 0, 1);
    }

    /// <summary>Four convolutions of a GoogLeNet module see its input, three of them pointwise; the first Inception v3 modules have three such, too.</summary>
    [Theory]
    [InlineData("googlenet", 9)]
    [InlineData("inceptionv3", 10)]
    public void Narrowing_layers_of_a_module_are_one_step(string name, int merged)
    {
        using Model model = Small(name);
        using Session session = model.Compile(new SessionOptions { Target = "cpu" });
        using Run run = session.CreateRun();
        Assert.Equal(merged, run.Plan.Steps.Count(step => step.Node.Op.Name == "Conv" && step.Node.Outputs.Count > 1));
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

    private static Model Build(string name, ZooOptions options) => Networks.Find(name)!.Build(options);

    /// <summary>The network for pictures about as small as it takes.</summary>
    private static Model Small(string name, int? classes = null) => Build(name, new ZooOptions
    {
        Size = name switch
        {
            "inceptionv3" => 75,
            "nin-imagenet" => 71,
            "vgg16" or "nin-cifar10" => 32,
            _ => 64,
        },
        Classes = classes,
    });

    private static float[] Picture(Model model, int seed) =>
        RandomData.Floats(seed, model.Inputs[0].Dimensions!.Aggregate(1L, (product, dim) => product * dim.Size));

    private static float[] Scores(Model model, string target, float[] picture)
    {
        using Session session = model.Compile(new SessionOptions { Target = target });
        return session.Run(picture);
    }

    private static void RequireAgreement(float[] got, float[] want)
    {
        HostTensor Scores(float[] scores) => HostTensor.Of<float>("logits", [scores.Length], scores);
        Assert.Null(Difference.Between(Scores(got), Scores(want), Tolerance.Network).Reason);
    }
}
