using System.Text.Json;
using HybridConv.Cli;
using HybridConv.Tools.Data;
using Xunit;

namespace HybridConv.Tests.Cli;

public sealed class OnnxTestCommandTests : IDisposable
{
    private readonly Workspace workspace = new();

    [Fact]
    public void Cases_are_found_in_all_folders_and_grouped_by_result()
    {
        Case("suite/good", 0, 2, 0, 4);
        Case("suite/deep/down/wrong", 0, 2, 0, 5);
        workspace.Write("suite/refused/model.onnx", "not a model"u8);
        Case("suite/empty", 0, 2, 0, 4);
        Directory.Delete(workspace["suite/empty/test_data_set_0"], recursive: true);

        JsonElement report = Workspace.Json(ExitCodes.CheckFailed, "onnx-test", workspace["suite"], "--target", "cpu");
        Assert.Equal("cpu", report.GetProperty("target").GetString());
        Assert.Equal((1, 2, 1), (report.GetProperty("passed").GetInt32(), report.GetProperty("failed").GetInt32(), report.GetProperty("unsupported").GetInt32()));
        Dictionary<string, JsonElement> cases = report.GetProperty("cases").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        Assert.Equal("passed", cases["good"].GetProperty("status").GetString());
        Assert.Equal(0, cases["good"].GetProperty("maxAbsError").GetDouble());
        Assert.Equal("failed", cases["wrong"].GetProperty("status").GetString());
        Assert.Equal(1, cases["wrong"].GetProperty("maxAbsError").GetDouble());
        Assert.Contains("element 3: 4 where 5 is wanted", cases["wrong"].GetProperty("reason").GetString());
        Assert.Equal("unsupported", cases["refused"].GetProperty("status").GetString());
        Assert.Contains("no data sets", cases["empty"].GetProperty("reason").GetString());
    }

    [Fact]
    public void A_folder_may_itself_be_a_case_and_a_filter_chooses()
    {
        string good = Case("suite/good_one", 0, 2, 0, 4);
        Case("suite/bad_one", 1, 1, 1, 1);
        Assert.Equal(1, Workspace.Json(ExitCodes.Ok, "onnx-test", good).GetProperty("passed").GetInt32());
        Assert.Equal(1, Workspace.Json(ExitCodes.Ok, "onnx-test", workspace["suite"], "--filter", "good*").GetProperty("cases").GetArrayLength());
        Assert.Equal(2, Workspace.Json(ExitCodes.CheckFailed, "onnx-test", workspace["suite"], "--filter", "*_on?").GetProperty("cases").GetArrayLength());
    }

    [Fact]
    public void Compressed_models_and_wider_tolerances_are_taken()
    {
        string folder = Case("near", 0, 2.001f, 0, 4);
        using (FileStream file = File.Create(Path.Combine(folder, "model.onnx.gz")))
        using (var zip = new System.IO.Compression.GZipStream(file, System.IO.Compression.CompressionLevel.Fastest))
            zip.Write(File.ReadAllBytes(Path.Combine(folder, "model.onnx")));
        File.Delete(Path.Combine(folder, "model.onnx"));
        Assert.Equal(1, Workspace.Json(ExitCodes.CheckFailed, "onnx-test", folder).GetProperty("failed").GetInt32());
        Assert.Equal(1, Workspace.Json(ExitCodes.Ok, "onnx-test", folder, "--atol", "0.01").GetProperty("passed").GetInt32());
        Assert.Equal(1, Workspace.Json(ExitCodes.Ok, "onnx-test", folder, "--max-rtol", "1e-3").GetProperty("passed").GetInt32());
    }

    [Fact]
    public void Folders_without_a_case_are_a_usage_error()
    {
        Workspace.Refused(ExitCodes.Usage, "no folder", "onnx-test", workspace["none"]);
        Directory.CreateDirectory(workspace["hollow"]);
        Workspace.Refused(ExitCodes.Usage, "holds no case", "onnx-test", workspace["hollow"]);
    }

    [Theory]
    [InlineData(1f, 1f, true)]
    [InlineData(float.NaN, float.NaN, true)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity, true)]
    [InlineData(float.PositiveInfinity, float.NegativeInfinity, false)]
    [InlineData(1f, float.NaN, false)]
    [InlineData(float.NaN, 1f, false)]
    [InlineData(float.PositiveInfinity, 1f, false)]
    [InlineData(1e30f, float.PositiveInfinity, false)]
    [InlineData(0f, -0f, true)]
    [InlineData(1.05f, 1f, true)]
    [InlineData(1.2f, 1f, false)]
    public void Elements_are_compared_within_the_tolerance(float got, float want, bool within)
    {
        Difference difference = Difference.Between(HostTensor.Of<float>("y", [1], [got]), HostTensor.Of<float>("y", [1], [want]), new Tolerance(0.1, 0, 0));
        Assert.Equal(within, difference.Reason is null);
    }

    [Fact]
    public void Neighbouring_float16_numbers_are_equal_enough()
    {
        var want = (Half)0.4954;
        Difference Between(Half got) => Difference.Between(HostTensor.Of<Half>("y", [1], [got]), HostTensor.Of<Half>("y", [1], [want]), new Tolerance(1e-5, 1e-4, 0));
        Assert.Null(Between(Half.BitDecrement(want)).Reason);
        Assert.Null(Between(Half.BitIncrement(want)).Reason);
        Assert.NotNull(Between(Half.BitIncrement(Half.BitIncrement(want))).Reason);
    }

    [Fact]
    public void Types_shapes_and_integers_must_be_exactly_equal()
    {
        var loose = new Tolerance(10, 10, 10);
        HostTensor ints = HostTensor.Of<long>("y", [2], [1, long.MaxValue]);
        Assert.Null(Difference.Between(ints, ints, loose).Reason);
        Assert.NotNull(Difference.Between(HostTensor.Of<long>("y", [2], [1, long.MaxValue - 1]), ints, loose).Reason);
        Assert.NotNull(Difference.Between(HostTensor.Of<bool>("y", [1], [true]), HostTensor.Of<bool>("y", [1], [false]), loose).Reason);
        Assert.Contains("[2,1]", Difference.Between(HostTensor.Of<long>("y", [2, 1], [1, 2]), ints, loose).Reason);
        Assert.Contains("int32", Difference.Between(HostTensor.Of<int>("y", [2], [1, 2]), ints, loose).Reason);
    }

    public void Dispose() => workspace.Dispose();

    /// <summary>A case of y = relu(x) with x = -1, 2, -3, 4 and the wanted y.</summary>
    private string Case(string name, params float[] wanted)
    {
        workspace.Relu($"{name}/model.onnx");
        workspace.WriteProto($"{name}/test_data_set_0/input_0.pb", -1, 2, -3, 4);
        workspace.WriteProto($"{name}/test_data_set_0/output_0.pb", wanted);
        return workspace[name];
    }
}
