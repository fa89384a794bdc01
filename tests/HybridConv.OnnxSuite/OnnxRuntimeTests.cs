using HybridConv.Testing;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Xunit;

namespace HybridConv.OnnxSuite;

/// <summary>ONNX Runtime as a second oracle: networks that are built here and written as ONNX must mean the same to both.</summary>
public class OnnxRuntimeTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(0, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Random_networks_agree(int seed)
    {
        using Model model = RandomNetwork(new Random(seed));
        Agrees(model, seed);
    }

    /// <summary>Both engines run the network as written to ONNX, on the same data.</summary>
    private static void Agrees(Model model, int seed)
    {
        using var file = new MemoryStream();
        model.Save(file);
        byte[] bytes = file.ToArray();

        using Model read = Model.Load(bytes);
        using Session session = read.Compile(new HybridConv.SessionOptions { Target = "cpu", Threads = 1 });
        using Run run = session.CreateRun();
        float[] input = RandomData.Floats(seed, run.Input<float>(0).Length);
        input.CopyTo(run.Input<float>(0));
        run.Execute();

        using var single = new Microsoft.ML.OnnxRuntime.SessionOptions { IntraOpNumThreads = 1 };
        using var peer = new InferenceSession(bytes, single);
        var tensor = new DenseTensor<float>(input, Array.ConvertAll(run.InputShape(0).ToArray(), d => (int)d));
        using var wanted = peer.Run([NamedOnnxValue.CreateFromTensor(session.Inputs[0].Name, tensor)]);
        Assert.Equal(session.Outputs.Count, wanted.Count);
        for (int i = 0; i < session.Outputs.Count; i++)
        {
            Tensor<float> expected = wanted.Single(w => w.Name == session.Outputs[i].Name).AsTensor<float>();
            Assert.Equal(Array.ConvertAll(expected.Dimensions.ToArray(), d => (long)d), run.OutputShape(i).ToArray());
            ReadOnlySpan<float> got = run.Output<float>(i);
            float[] want = expected.ToArray();
            float largest = want.Max(Math.Abs);
            for (int k = 0; k < want.Length; k++)
                Assert.True(Math.Abs(got[k] - want[k]) <= (1e-3 * Math.Abs(want[k])) + Math.Max(1e-6, 1e-4 * largest), $"{session.Outputs[i].Name}[{k}]: {got[k]} where {want[k]} is wanted");
        }
    }

    /// <summary>A network of up to ten random layers with branches, on odd sizes, ending in two outputs.</summary>
    private static Model RandomNetwork(Random random)
    {
        var net = new ModelBuilder(seed: random.Next());
        int channels = random.Next(1, 20);
        NetValue x = net.Input("x", random.Next(1, 3), channels, random.Next(7, 22), random.Next(7, 22));
        for (int layers = random.Next(2, 11); layers > 0; layers--)
            x = Layer(net, x, random);
        x.Output("last");
        x.GlobalAveragePool().Flatten().Dense(random.Next(1, 12)).Softmax().Output("scores");
        return net.Build();
    }

    private static NetValue Layer(ModelBuilder net, NetValue x, Random random)
    {
        int channels = x.Channels;
        bool large = x.Shape[2] >= 6 && x.Shape[3] >= 6;
        return random.Next(16) switch
        {
            0 => x.Conv(random.Next(1, 25), 3, stride: random.Next(1, 3)),
            1 => x.Conv(random.Next(1, 25), (random.Next(1, 4), random.Next(1, 6)), pad: random.Next(2, 4)).Relu(),
            2 => x.Pointwise(random.Next(1, 40)).Relu6(),
            3 => x.Pointwise(channels).Add(x).Relu(),
            4 => x.Depthwise(3, stride: random.Next(1, 3)).HardSwish(),
            5 => x.Depthwise(5).BatchNormalization().Silu(),
            6 => x.Conv(2 * channels, 3, groups: channels, bias: false).BatchNormalization().LeakyRelu(0.1f),
            7 when large => x.MaxPool(3, 2, pad: 1, ceil: random.Next(2) == 0),
            8 when large => x.AveragePool(3, 2, pad: 1, countPad: random.Next(2) == 0),
            9 => net.Concat([x.Pointwise(3), x.Conv(5, 3), x]),
            10 => x.Mul(x.GlobalAveragePool().Pointwise(channels).Sigmoid()),
            11 => x.Lrn(5),
            12 => x.Conv(channels, 3, dilation: 2).Add(x.Tanh()),
            13 when large => x.ResizeBy(2, random.Next(2) == 0 ? ResizeMode.Nearest : ResizeMode.Linear).MaxPool(2),
            14 => x.Pad(new Padding(1, 0, 2, 1)).Conv(7, 3, pad: 0),
            _ => x.HardSigmoid().Sub(x),
        };
    }
}
