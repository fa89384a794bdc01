using HybridConv.Testing;
using Xunit;

namespace HybridConv.Tests;

/// <summary>Runs in the order and folder of its own: the examples read a file by its bare name.</summary>
[CollectionDefinition(nameof(ReadmeExamples), DisableParallelization = true)]
public class ReadmeExamplesCollection;

/// <summary>The C# code of the README: each region is a block there, character by character, and runs here.</summary>
[Collection(nameof(ReadmeExamples))]
public class ReadmeExamples
{
    private static void InFolderWithModel(Action example)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("hybridconv");
        string before = Directory.GetCurrentDirectory();
        try
        {
            using (Model model = Network())
                model.Save(Path.Combine(folder.FullName, "mobilenet.onnx"));
            Directory.SetCurrentDirectory(folder.FullName);
            example();
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
            folder.Delete(recursive: true);
        }
    }

    private static Model Network()
    {
        var net = new ModelBuilder(seed: 1);
        net.Input("image", 1, 3, 32, 32).Conv(8, 3, stride: 2).Relu6().GlobalAveragePool().Flatten().Dense(10).Output("logits");
        return net.Build();
    }

    [Fact]
    public void Eight_lines() => InFolderWithModel(() =>
    {
        float[] pixels = RandomData.Floats(1, 3 * 32 * 32);
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;

        #region eight lines
        using var model = Model.Load("mobilenet.onnx");                    // also Load(Stream), Load(ReadOnlyMemory<byte>)
        using var session = model.Compile(new() { Target = "auto" });      // thread-safe; share it
        using var run = session.CreateRun();                               // owns buffers; one caller at a time

        pixels.CopyTo(run.Input<float>(0));                                // spans straight into the arena
        run.Execute(cancellationToken);
        ReadOnlySpan<float> logits = run.Output<float>(0);                 // valid until the next Execute
        #endregion

        Assert.Equal(10, logits.Length);
        Assert.Contains(logits.ToArray(), x => x != 0);
    });

    [Fact]
    public void A_network_in_code()
    {
        #region a network in code
        var net = new ModelBuilder(seed: 1, name: "tiny");
        NetValue x = net.Input("image", 1, 3, 64, 64);
        x = x.Conv(16, kernel: 3, stride: 2).BatchNormalization().Relu6();
        NetValue y = x.Pointwise(96).Relu6().Depthwise(3).Relu6().Pointwise(16).Add(x);
        y.GlobalAveragePool().Flatten().Dense(10).Softmax().Output("scores");

        using Model model = net.Build();
        using Session session = model.Compile();
        float[] scores = session.Run(new float[3 * 64 * 64]);
        #endregion

        Assert.Equal(1, scores.Sum(), 1e-5);
    }

    [Fact]
    public void A_photograph()
    {
        using Model model = Network();
        using Session session = model.Compile();
        using Run run = session.CreateRun();
        const int width = 90, height = 60;
        byte[] rgb = [.. RandomData.Integers(1, width * height * 3, 0, 255).Select(i => (byte)i)];

        #region a photograph
        // rgb: height x width x 3 bytes, as every decoder gives them.
        const int side = 32;
        var square = new float[side * side * 3];
        Preprocess.Resize(rgb, width, height, 3, PixelRectangle.CentreSquare(width, height), square, side, side);
        Preprocess.Normalize(square, 1f / 255, mean: [0.485f, 0.456f, 0.406f], std: [0.229f, 0.224f, 0.225f]);
        Preprocess.ToPlanar<float>(square, 3, run.Input<float>(0));
        run.Execute();
        #endregion

        Assert.Contains(run.Output<float>(0).ToArray(), x => x != 0);
    }

    [Fact]
    public void One_layer()
    {
        float[] image = RandomData.WholeFloats(1, 56 * 56 * 64), weights = RandomData.WholeFloats(2, 128 * 64), bias = RandomData.WholeFloats(3, 128);
        var output = new float[56 * 56 * 128];

        #region one layer
        // 1x1 convolution: output[pixel, k] = bias[k] + sum over c of weights[k, c] * image[pixel, c]
        Pointwise.Execute(image, weights, bias, output, new PointwiseShape(Pixels: 56 * 56, InputChannels: 64, OutputChannels: 128));
        #endregion

        Assert.Equal(bias[5] + Enumerable.Range(0, 64).Sum(c => weights[(5 * 64) + c] * image[(1000 * 64) + c]), output[(1000 * 128) + 5]);
    }

    [Fact]
    public void An_error() => InFolderWithModel(() =>
    {
        var written = new List<string>();
        File.WriteAllBytes("strange.onnx", new OnnxFile().Input("x", ElementType.Float32, 1).Output("y", ElementType.Float32).Node("Frobnicate", ["x"], ["y"]).ToArray());

        #region an error
        try
        {
            using var model = Model.Load("strange.onnx");
        }
        catch (UnsupportedModelException e)
        {
            foreach (UnsupportedNode node in e.Nodes)
                written.Add($"{node.Node}: {node.Op} of opset {node.Opset}: {node.Reason}");
        }
        #endregion

        Assert.Contains("Frobnicate", Assert.Single(written), StringComparison.Ordinal);
    });
}
