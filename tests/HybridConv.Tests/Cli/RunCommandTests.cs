using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Cli.Data;
using HybridConv.Testing;
using HybridConv.Tools;
using HybridConv.Tools.Data;
using Xunit;

namespace HybridConv.Tests.Cli;

public sealed class RunCommandTests : IDisposable
{
    private readonly Workspace workspace = new();

    [Fact]
    public void A_picture_gives_the_top_classes_by_score()
    {
        JsonElement report = Workspace.Json(ExitCodes.Ok, "run", workspace.Classifier(), "--image", Picture(), "--preset", "imagenet", "--top", "3", "--target", "cpu");
        Assert.Equal("cpu", report.GetProperty("target").GetString());
        Assert.Equal("net.onnx", report.GetProperty("model").GetString());
        Assert.True(report.GetProperty("milliseconds").GetDouble() >= 0);
        JsonElement output = Assert.Single(report.GetProperty("outputs").EnumerateArray());
        Assert.Equal("scores", output.GetProperty("name").GetString());
        Assert.Equal([1L, 6L], output.GetProperty("shape").EnumerateArray().Select(dim => dim.GetInt64()));
        double[] scores = [.. report.GetProperty("top").EnumerateArray().Select(score => score.GetProperty("score").GetDouble())];
        Assert.Equal(3, scores.Length);
        Assert.Equal(scores.OrderDescending(), scores);
    }

    [Fact]
    public void Labels_name_the_classes_when_there_are_as_many()
    {
        string labels = workspace.Write("labels.txt", "a\nb\nc\nd\ne\nf\n"u8), picture = Picture(), net = workspace.Classifier();
        Assert.All(Top(labels), score => Assert.Equal("abcdef"[score.GetProperty("index").GetInt32()].ToString(), score.GetProperty("label").GetString()));
        Assert.All(Top(workspace.Write("few.txt", "a\nb\n"u8)), score => Assert.Equal(JsonValueKind.Null, score.GetProperty("label").ValueKind));

        IEnumerable<JsonElement> Top(string file) => [.. Workspace.Json(ExitCodes.Ok, "run", net, "--image", picture, "--labels", file).GetProperty("top").EnumerateArray()];
    }

    [Fact]
    public void Tensors_from_files_give_the_outputs_as_npy()
    {
        string net = workspace.Relu("relu.onnx");
        NpyFile.Write(workspace["x.npy"], HostTensor.Of<float>("", [4], [-1, 2, -3, 4]));
        workspace.WriteProto("x.pb", -1, 2, -3, 4);
        byte[] raw = new byte[16];
        Buffer.BlockCopy(new float[] { -1, 2, -3, 4 }, 0, raw, 0, 16);
        workspace.Write("x.bin", raw);
        foreach (string file in new[] { "x.npy", "x.pb", "x.bin" })
        {
            JsonElement report = Workspace.Json(ExitCodes.Ok, "run", net, "--input", $"x={workspace[file]}", "--out", workspace["out"]);
            string written = report.GetProperty("outputs")[0].GetProperty("file").GetString()!;
            Assert.Equal([0f, 2, 0, 4], NpyFile.Read(written).Elements<float>().ToArray());
        }
    }

    [Fact]
    public void What_cannot_be_run_is_refused_with_the_reason()
    {
        string net = workspace.Relu("relu.onnx"), five = workspace.WriteProto("five.pb", 1, 2, 3, 4, 5), four = workspace.WriteProto("four.pb", 1, 2, 3, 4);
        Workspace.Refused(ExitCodes.Usage, "there is no file", "run", workspace["none.onnx"]);
        Workspace.Refused(ExitCodes.Usage, "--input x=FILE", "run", net);
        Workspace.Refused(ExitCodes.Usage, "no input 'z'", "run", net, "--input", $"z={four}");
        Workspace.Refused(ExitCodes.Usage, "[5]", "run", net, "--input", $"x={five}");
        Workspace.Refused(ExitCodes.Usage, "NAME=FILE", "run", net, "--input", four);
        Workspace.Refused(ExitCodes.Usage, "'.txt'", "run", net, "--input", $"x={workspace.Write("a.txt", [])}");
        Workspace.Refused(ExitCodes.Usage, "four axes", "run", net, "--image", Picture());
        Workspace.Refused(ExitCodes.Model, "error 1000", "run", workspace.Write("bad.onnx", "not a model"u8));
        Workspace.Refused(ExitCodes.Model, "error 1000", "run", net, "--input", $"x={workspace.Write("bad.pb", [0x0A, 200])}");
        Workspace.Refused(ExitCodes.Device, "There is no OpenCL device", "run", net, "--input", $"x={four}", "--target", "opencl:no such name");
    }

    [Fact]
    public void Pictures_that_are_damaged_or_enormous_are_refused()
    {
        string net = workspace.Classifier();
        Workspace.Refused(ExitCodes.Usage, "not a picture", "run", net, "--image", workspace.Write("a.png", "nothing"u8));
        Workspace.Refused(ExitCodes.Usage, "over the limit", "run", net, "--image", workspace.WriteBmp("bomb.bmp", 60000, 60000));
    }

    [Fact]
    public void A_picture_becomes_the_declared_input()
    {
        // The top row is red and green, the bottom row blue and white; rows are stored from the bottom up, each padded to four bytes.
        string path = workspace.WriteBmp("a.bmp", 2, 2, 255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0);
        var plain = new PictureInput(Fit.Stretch, 1, [0], [1], SwapRedBlue: false, ChannelsLast: null, Size: null);
        Assert.Equal([255f, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255], plain.Load(path, Info(ElementType.Float32, 1, 3, 2, 2)).Elements<float>().ToArray());
        Assert.Equal([255f, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255], plain.Load(path, Info(ElementType.Float32, 1, 2, 2, 3)).Elements<float>().ToArray());
        Assert.Equal([0, 0, 255, 255, 0, 255, 0, 255, 255, 0, 0, 255], (plain with { SwapRedBlue = true }).Load(path, Info(ElementType.UInt8, 1, 3, 2, 2)).Bytes.ToArray());
        Assert.Equal([3L, 3, 2, 2], plain.Load(path, Info(ElementType.Float32, 3, 3, -1, -1)).Shape);
        Assert.Equal([1L, 3, 4, 6], (plain with { Size = (4, 6) }).Load(path, Info(ElementType.Float32, -1, 3, -1, -1)).Shape);
        Assert.Equal([1L, 1, 2, 2], plain.Load(path, Info(ElementType.Float32, 1, 1, 2, 2)).Shape);
        HostTensor scaled = (plain with { Scale = 1f / 255, Mean = [0.5f, 0, 1], Std = [0.5f, 1, 2] }).Load(path, Info(ElementType.Float32, 1, 3, 2, 2));
        Assert.Equal([1f, -1, -1, 1, 0, 1, 0, 1, -0.5f, -0.5f, 0, 0], scaled.Elements<float>().ToArray());
        Assert.Throws<UsageException>(() => plain.Load(path, Info(ElementType.Float32, 1, 4, 2, 2)));
    }

    [Fact]
    public void ImageNet_has_a_thousand_distinct_labels_in_their_order()
    {
        Labels labels = Labels.ImageNet();
        Assert.Equal(1000, labels.Count);
        Assert.Equal(1000, Enumerable.Range(0, 1000).Select(i => labels.Name(i, 1000)).Distinct().Count());
        foreach ((int index, string name) in new[] { (0, "tench"), (281, "tabby"), (285, "Egyptian cat"), (817, "sports car"), (967, "espresso"), (999, "toilet tissue") })
            Assert.Equal(name, labels.Name(index, 1000));
        Assert.Equal("background", labels.Name(0, 1001));
        Assert.Equal("toilet tissue", labels.Name(1000, 1001));
        Assert.Null(labels.Name(3, 10));
    }

    [Theory]
    [InlineData("kitten_224.png", "tabby")]
    [InlineData("coffee.png", "espresso")]
    public void SqueezeNet_recognises_photographs(string picture, string label)
    {
        JsonElement report = Workspace.Json(
            ExitCodes.Ok, "run", SharedData.Require("models", "squeezenet1.1-imagenet", "model.onnx"), "--image", SharedData.Require("images", picture), "--bgr", "--mean", "104,117,123");
        Assert.Equal(label, report.GetProperty("top")[0].GetProperty("label").GetString());
        Assert.Equal(5, report.GetProperty("top").GetArrayLength());
    }

    public void Dispose() => workspace.Dispose();

    private string Picture() => workspace.WriteBmp("picture.bmp", 4, 2, [.. Enumerable.Range(0, 24).Select(i => (byte)(10 * i))]);

    private static TensorInfo Info(ElementType type, params long[] dims) => new("image", type, [.. dims.Select(dim => dim < 0 ? Dimension.Open() : dim)]);
}
