using HybridConv.Graphs;
using HybridConv.Onnx;
using HybridConv.Ops;
using HybridConv.Testing;
using Microsoft.ML.OnnxRuntime;
using Xunit;
using OrtSessionOptions = Microsoft.ML.OnnxRuntime.SessionOptions;

namespace HybridConv.Tests.Onnx;

public sealed class OnnxWriterTests
{
    private static ModelRecord Read(ReadOnlyMemory<byte> file) => OnnxReader.Read(ModelBytes.Of(file), ExternalData.None(), "file", new ModelOptions());

    private static byte[] Write(ModelRecord record)
    {
        using var stream = new MemoryStream();
        OnnxWriter.Write(record, stream);
        return stream.ToArray();
    }

    private static void RequireEqual(ModelRecord expected, ModelRecord actual)
    {
        Assert.Equal((expected.Name, expected.Producer, expected.ProducerVersion), (actual.Name, actual.Producer, actual.ProducerVersion));
        Assert.Equal(expected.Opsets, actual.Opsets);
        Assert.Equal(expected.Inputs.Select(input => input.ToString()), actual.Inputs.Select(input => input.ToString()));
        Assert.Equal(expected.Outputs.Select(output => output.ToString()), actual.Outputs.Select(output => output.ToString()));
        Assert.Equal(expected.Initializers.Keys, actual.Initializers.Keys);
        foreach ((string name, Tensor tensor) in expected.Initializers)
            RequireEqual(tensor, actual.Initializers[name]);
        Assert.Equal(expected.Nodes.Count, actual.Nodes.Count);
        foreach ((NodeRecord a, NodeRecord b) in expected.Nodes.Zip(actual.Nodes))
        {
            Assert.Equal((a.Name, a.OpType, a.Domain), (b.Name, b.OpType, b.Domain));
            Assert.Equal(a.Inputs, b.Inputs);
            Assert.Equal(a.Outputs, b.Outputs);
            foreach ((NodeAttribute c, NodeAttribute d) in a.Attributes.OrderBy(x => x.Name, StringComparer.Ordinal).Zip(b.Attributes.OrderBy(x => x.Name, StringComparer.Ordinal)))
            {
                Assert.Equal((c.Name, c.Kind, c.Int, c.Float, c.Text), (d.Name, d.Kind, d.Int, d.Float, d.Text));
                Assert.Equal(c.Ints, d.Ints);
                Assert.Equal(c.Floats, d.Floats);
                Assert.Equal(c.Texts, d.Texts);
                if (c.Tensor is not null)
                    RequireEqual(c.Tensor, d.Tensor!);
            }
        }
    }

    private static void RequireEqual(Tensor expected, Tensor actual)
    {
        Assert.Equal((expected.Type, expected.Shape), (actual.Type, actual.Shape));
        Assert.True(expected.Data.Span.SequenceEqual(actual.Data.Span));
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        var record = new ModelRecord
        {
            Name = "net",
            Producer = "p",
            ProducerVersion = "1",
            IrVersion = 9,
            Opsets = [new OpsetImport("", 19), new OpsetImport("com.acme", 2)],
            Inputs = [new TensorInfo("x", ElementType.Float32, [Dimension.Open("N"), Dimension.Open(), 3, 0]), new TensorInfo("z", ElementType.Int64, null)],
            Outputs = [new TensorInfo("y", ElementType.Bool, [])],
            Nodes =
            [
                new NodeRecord("n", "Any", "com.acme", ["x", "", "z"], ["y", "", "q"],
                    [
                        new NodeAttribute("i", AttributeKind.Int, Int: long.MinValue), new NodeAttribute("f", AttributeKind.Float, Float: float.NegativeZero),
                        new NodeAttribute("s", AttributeKind.Text, Text: "größe"), new NodeAttribute("is", AttributeKind.Ints, Ints: [1, -1]), new NodeAttribute("none", AttributeKind.Ints, Ints: []),
                        new NodeAttribute("fs", AttributeKind.Floats, Floats: [1.5f]), new NodeAttribute("ss", AttributeKind.Texts, Texts: ["a", ""]),
                        new NodeAttribute("t", AttributeKind.Tensor, Tensor: Tensor.From([1.0, 2.0], new Shape(2), "t")),
                    ]),
            ],
            Initializers = new OrderedDictionary<string, Tensor>
            {
                ["w"] = Tensor.From([1f, 2f], new Shape(2, 1), "w"), ["h"] = Tensor.From([(Half)1], Shape.Scalar, "h"), ["e"] = Tensor.From(Array.Empty<long>(), new Shape(0), "e"),
            },
        };
        RequireEqual(record, Read(Write(record)));
    }

    [Fact]
    public void Real_models_are_written_as_they_were_read()
    {
        SharedData.Require("models");
        foreach (string name in SharedData.Folders("models"))
        {
            ModelRecord record = Read(File.ReadAllBytes(SharedData.Require("models", name, "model.onnx")));
            RequireEqual(record, Read(Write(record)));
        }
    }

    [Fact]
    public void Models_with_values_that_cannot_be_read_are_not_written() =>
        Assert.Throws<UnsupportedModelException>(() => Write(Read(new OnnxFile().Initializer(OnnxFile.TensorHead("b", 16, 0)).ToArray())));

    [Fact]
    public void Models_over_2_GiB_are_refused_before_anything_is_written()
    {
        Tensor big = Tensor.Derived(ElementType.Float32, new Shape(1 << 28), "big", () => throw new InvalidOperationException("The data was asked for."));
        var record = new ModelRecord
        {
            Opsets = [new OpsetImport("", 17)], Inputs = [], Outputs = [], Nodes = [], Initializers = new OrderedDictionary<string, Tensor> { ["a"] = big, ["b"] = big },
        };
        Assert.Throws<ResourceLimitException>(() => Write(record));
    }

    [Fact]
    public void OnnxRuntime_reads_and_runs_what_the_builder_writes()
    {
        using Model model = AllLayers();
        using var file = new MemoryStream();
        model.Save(file);

        // Unoptimised: its fusion of pads into pools changes shapes.
        using var asWritten = new OrtSessionOptions { GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL };
        using var session = new InferenceSession(file.ToArray(), asWritten);
        Assert.Equal(model.Inputs.Select(input => input.Name), session.InputNames);
        Assert.Equal(model.Outputs.Select(output => output.Name), session.OutputNames);
        float[] pixels = RandomData.Floats(1, 2 * 3 * 32 * 32);
        using var input = OrtValue.CreateTensorValueFromMemory(pixels, [2, 3, 32, 32]);
        using var options = new RunOptions();
        using IDisposableReadOnlyCollection<OrtValue> results = session.Run(options, session.InputNames, [input], session.OutputNames);
        using Session ours = model.Compile(new SessionOptions { Threads = 1 });
        using Run run = ours.CreateRun(new Dictionary<string, long[]> { ["image"] = [2, 3, 32, 32] });
        pixels.CopyTo(run.Input<float>(0));
        run.Execute(TestContext.Current.CancellationToken);
        for (int i = 0; i < results.Count; i++)
        {
            long[] shape = results[i].GetTensorTypeAndShape().Shape;
            Assert.Equal(model.Outputs[i].Dimensions!.Select(dimension => dimension.IsOpen ? 2 : dimension.Size), shape);
            Assert.Equal(shape, run.OutputShape(i));
            float[] theirs = results[i].GetTensorDataAsSpan<float>().ToArray();
            Assert.All(run.Output<float>(i).ToArray().Zip(theirs), pair => Assert.Equal(pair.Second, pair.First, 1e-5f + 1e-4f * MathF.Abs(pair.Second)));
        }
    }

    /// <summary>A network with every layer that the builder knows.</summary>
    internal static Model AllLayers()
    {
        var net = new ModelBuilder(seed: 3, name: "all");
        NetValue x = net.Input("image", Dimension.Open("N"), 3, 32, 32);
        x = x.Sub(net.Constant("mean", [0.1f, 0.2f, 0.3f], 1, 3, 1, 1)).Conv(16, kernel: 3, stride: 2).BatchNormalization().Relu6();
        using (net.Scope("block"))
        {
            NetValue y = x.Pointwise(32, bias: false).HardSwish().Depthwise(3).Silu().Conv(16, (1, 3), groups: 4).LeakyRelu();
            NetValue gate = y.GlobalAveragePool().Pointwise(16).HardSigmoid();
            x = y.Mul(gate).Add(x).Relu();
        }
        NetValue[] halves = x.Split(2);
        x = net.Concat([halves[1].Tanh(), halves[0].Sigmoid()]).Lrn(5).Clip(-1, 1);
        x = x.Pad((1, 0)).MaxPool(3, 2, pad: 1, ceil: true).AveragePool(2, 1, countPad: true);
        NetValue rows = x.Transpose([0, 2, 3, 1]).Reshape([0, -1, 16]);
        rows.MatMul(rows.Transpose([0, 2, 1])).Softmax().Output("attention");
        x.GlobalAveragePool().Flatten().Dense(10).Softmax().Output("classes");
        return net.Build();
    }
}
