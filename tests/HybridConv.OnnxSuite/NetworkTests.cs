using System.Text.RegularExpressions;
using HybridConv.Cli;
using HybridConv.Cli.Data;
using HybridConv.Cli.Reports;
using HybridConv.Testing;
using HybridConv.Tools.Data;
using HybridConv.Zoo;
using Xunit;

namespace HybridConv.OnnxSuite;

/// <summary>Whole networks: pretrained ones against references from another engine, published topologies, and files that must be refused.</summary>
public partial class NetworkTests
{
    private static readonly SessionOptions Options = new() { Target = "cpu" };

    private static TheoryData<string> FoldersOf(params ReadOnlySpan<string> parents)
    {
        var rows = new TheoryData<string>();
        foreach (string parent in parents)
        {
            IReadOnlyList<string> names = SharedData.Folders(parent);
            foreach (string name in names)
                rows.Add($"{parent}/{name}");
            if (names.Count == 0)
                rows.Add(parent);
        }
        return rows;
    }

    public static TheoryData<string> Networks => FoldersOf("models", "onnx-light-weighted");

    public static TheoryData<string> Refused => FoldersOf("models-negative");

    public static TheoryData<string> Topologies => SharedData.Folder is { } folder && Directory.Exists(Path.Combine(folder, "onnx-light"))
        ? [.. Directory.EnumerateFiles(Path.Combine(folder, "onnx-light"), "*.onnx").Select(f => $"onnx-light/{Path.GetFileName(f)}").Order(StringComparer.Ordinal)]
        : ["onnx-light"];

    [Theory]
    [MemberData(nameof(Networks))]
    public void Networks_agree_with_their_references(string path)
    {
        CaseReport report = OnnxCase.Run(SharedData.Require(path), Options, Tolerance.Network);
        Assert.True(report.Status == OnnxCase.Passed, $"{report.Status}: {report.Reason}");
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Networks_agree_with_their_references_on_OpenCL_devices_too(string path)
    {
        CaseReport report = OnnxCase.Run(SharedData.Require(path), Targets.OpenCl, Tolerance.Network);
        Assert.True(report.Status == OnnxCase.Passed, $"{report.Status}: {report.Reason}");
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void A_device_computes_the_processors_bits(string path)
    {
        string folder = SharedData.Require(path);
        SameBits(ModelSource.Load(folder), inputs => OnnxCase.FirstInputs(folder, inputs));
    }

    public static TheoryData<string> Zoo => [.. HybridConv.Zoo.Networks.All.Select(network => network.Name)];

    /// <summary>On pictures of fewer pixels than usual.</summary>
    [Theory]
    [MemberData(nameof(Zoo))]
    public void A_device_computes_the_processors_bits_of_the_zoo(string name)
    {
        var options = new ZooOptions { Batch = 2, Size = name.StartsWith("nin-cifar", StringComparison.Ordinal) ? 32 : 96, Classes = 100 };
        SameBits(HybridConv.Zoo.Networks.Find(name)!.Build(options), _ => null);
    }

    /// <param name="model">Disposed afterwards.</param>
    /// <param name="given">The inputs of a file; null for seeded ones.</param>
    private static void SameBits(Model model, Func<IReadOnlyList<TensorInfo>, HostTensor[]?> given)
    {
        using (model)
        {
            (Func<Model, Session> cpu, Func<Model, Session> device) = Targets.Reproducible;
            HostTensor[] inputs = given(model.Inputs) ?? RunTensors.Seeded(model.Inputs, model.Inputs.ToDictionary(i => i.Name, i => i.Dimensions!.Select(d => d.Size).ToArray()));
            HostTensor[] expected = Outputs(cpu), actual = Outputs(device);
            for (int i = 0; i < expected.Length; i++)
            {
                Difference difference = Difference.Between(actual[i], expected[i], new Tolerance(0, 0, 0));
                Assert.True(difference.SameBits, $"{expected[i].Name}: {difference.Reason}");
            }

            HostTensor[] Outputs(Func<Model, Session> compile)
            {
                using Session session = compile(model);
                using Run run = session.CreateRun(inputs.ToDictionary(input => input.Name, input => input.Shape));
                for (int i = 0; i < inputs.Length; i++)
                    run.Fill(i, inputs[i]);
                run.Execute();
                return run.ReadAll(session);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Topologies))]
    public void Published_topologies_load_and_have_their_shapes(string path)
    {
        string file = SharedData.Require(path);
        using Model model = Model.Load(file);
        using Session session = model.Compile(Options);
        HostTensor expected = TensorFile.ReadProto(file.Replace(".onnx", "_output_0.pb", StringComparison.Ordinal));
        using Run run = session.CreateRun();
        run.Execute();
        Assert.Equal(expected.Shape, run.OutputShape(0).ToArray());
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Bad_models_are_refused_with_exit_code_3_and_a_reason(string path)
    {
        string folder = SharedData.Require(path);
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = CommandLine.Run(["run", Path.Combine(folder, "model.onnx")], new Terminal(output, error, rich: false));
        Assert.Equal(ExitCodes.Model, exitCode);
        Assert.Empty(output.ToString());
        string expected = Path.GetFileName(path) switch
        {
            "lfs-pointer" => "LFS",
            "style-candy-legacy-ops" => "Crop|ImageScaler|Affine",
            "supres-custom-domain" => "ai\\.onnx\\.contrib",
            _ => ".",
        };
        Assert.Matches(expected, error.ToString());
    }

    [Fact]
    public void A_photograph_of_a_kitten_is_a_tabby_cat()
    {
        string model = SharedData.Require("models", "squeezenet1.1-imagenet", "model.onnx"), image = SharedData.Require("images", "kitten_224.png");
        using var output = new StringWriter();
        using var error = new StringWriter();
        int exitCode = CommandLine.Run(["run", model, "--image", image, "--bgr", "--mean", "104,117,123"], new Terminal(output, error, rich: false));
        Assert.True(exitCode == ExitCodes.Ok, error.ToString());
        Assert.Contains("tabby", FirstRow().Match(output.ToString()).Value, StringComparison.Ordinal);
    }

    /// <summary>The line of the most likely class: the first with a class number.</summary>
    [GeneratedRegex(@"^.*\b281\b.*$", RegexOptions.Multiline)]
    private static partial Regex FirstRow();
}
